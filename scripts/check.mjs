// `npm run check`: format, lint, types, dead code, code for tests only and the rules of the tree, in this order. Every
// step runs, then the verdict.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const STEPS = [
  { name: 'format', bin: 'oxfmt', args: ['--check', '.'], remedy: 'npm run format' },
  { name: 'lint', bin: 'oxlint', args: ['--type-aware', '--deny-warnings', '.'], remedy: 'rules: .oxlintrc.json' },
  { name: 'types', bin: 'tsc', args: ['-p', '.'], remedy: 'settings: tsconfig.json' },
  { name: 'dead code', bin: 'knip', args: ['--no-progress'], remedy: 'remove what nobody uses; entries: knip.json' },
  {
    name: 'code for tests only',
    bin: 'knip',
    args: ['--no-progress', '--production', '--include', 'files,exports,types'],
    remedy: 'move it to src/testing, or mark an export that the file itself uses @internal',
  },
  { name: 'tree rules', bin: 'vitest', args: ['run', '--project', 'tidy'], remedy: 'rules: tools/' },
];

const failed = STEPS.filter((step) => !passes(step));
for (const { name, remedy } of failed) console.log(`check: ${name} failed (${remedy})`);
console.log(
  failed.length === 0 ? `check: all ${STEPS.length} steps passed` : `check: ${failed.length} of ${STEPS.length} steps failed`,
);
process.exit(failed.length === 0 ? 0 : 1);

function passes({ name, bin, args }) {
  console.log(`\n=== ${name}: ${bin} ${args.join(' ')}`);
  const started = performance.now();
  const { status, error } = spawnSync(join(ROOT, 'node_modules', '.bin', bin), args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) console.log(`${bin} did not start: ${error.message}`);
  console.log(`--- ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return status === 0;
}
