// `npm test [-- FILTER…]`: every vitest project once, in this process; arguments (a path filter, -t NAME, --project
// unit) pass through.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
process.argv.splice(2, 0, 'run', '--passWithNoTests=false');
await import('../node_modules/vitest/vitest.mjs');
