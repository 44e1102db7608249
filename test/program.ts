import { fileURLToPath } from 'node:url';

/** The file of the command line: the bundle that `npm test` made, as `npm start` runs it; otherwise the sources. */
export const program: string =
  process.env['TRIBUTARY_PROGRAM'] ?? fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));
