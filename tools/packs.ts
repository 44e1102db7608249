// `npm run packs [-- try]`: compiles the public packages, packs each with `npm pack` into tmp/packs, and checks the
// tarballs with publint and arethetypeswrong. `try` then installs them in an empty folder and uses them
// (test/packs.test.ts). docs/guides/operate.md says what to do with them.
import { spawnSync } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stageAll, type Staged } from './packs/stage.ts';

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, 'tmp', 'packs');
const BUILT = join(OUT, 'built');
const [asked] = process.argv.slice(2);

rmSync(OUT, { recursive: true, force: true });
run('tsc', ['-p', 'tsconfig.packs.json']);
const staged = stageAll(ROOT, BUILT, join(OUT, 'staged'));
for (const { folder } of staged) run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', OUT], folder);
for (const each of staged) lint(each);
console.log(`packs: ${staged.length} packages are in ${OUT}`);
if (asked === 'try') run('vitest', ['run', '--project', 'system', 'test/packs.test.ts'], ROOT, { TRIBUTARY_PACKS: OUT });

/** Entries, types and files are what Node, bundlers and TypeScript expect. */
function lint({ name, folder, code }: Staged): void {
  run('publint', ['run', folder, '--strict', '--pack', 'false']);
  if (!code) return;
  const [tarball = ''] = globSync(`${name.slice(1).replace('/', '-')}-[0-9]*.tgz`, { cwd: OUT });
  // Modules only: whoever uses `require` needs a Node that can require modules, which 22.18 can.
  run('attw', [join(OUT, tarball), '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--quiet']);
}

/** Runs a program of the checkout to its end, and ends this process where it fails. */
function run(program: string, argv: string[], cwd = ROOT, more: NodeJS.ProcessEnv = {}): void {
  const { status, error } = spawnSync(program, argv, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...more },
  });
  if (status === 0) return;
  console.error(
    `packs: ${program} ${argv.join(' ')} ${error === undefined ? `ended with ${status}` : `did not start: ${error.message}`}`,
  );
  process.exit(1);
}
