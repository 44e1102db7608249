// Runs on any Node >= 20 with npm alone: brings pnpm and Node 24 from the npm registry into the checkout, installs from the
// frozen lock file when it changed, then runs the task on Node 24. Plain JavaScript: it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PNPM_VERSION = '12.21.0';
const STAMP = join(ROOT, 'node_modules', '.boot-stamp');
const MAIN = {
  start: ['packages/cli/src/main.ts', 'start'],
  tributary: ['packages/cli/src/main.ts'],
  test: ['scripts/test.mjs'],
  check: ['scripts/check.mjs'],
  bench: ['bench/src/main.ts'],
  format: ['node_modules/oxfmt/bin/oxfmt', '--write', '.'],
};

const [task, ...args] = process.argv.slice(2);
if (!Object.hasOwn(MAIN, task ?? '')) {
  console.error(`boot: unknown task '${task}'; one of ${Object.keys(MAIN).join(', ')}`);
  process.exit(2);
}
install();
run(nodeBinary(), [join(ROOT, MAIN[task][0]), ...MAIN[task].slice(1), ...args]);

/** The Node that runs Tributary: the one from npm for this platform, else the present one when it is new enough. */
function nodeBinary() {
  const packaged = join(ROOT, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(packaged)) return packaged;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  console.error(
    `tributary needs Node >= 22.18 on ${process.platform}-${process.arch} (this is ${process.version}, and npm has no Node package for the platform)`,
  );
  process.exit(1);
}

/** Installs once per lock file, platform and pnpm version; the stamp makes later runs start at once. */
function install() {
  const want = stamp();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === want) return;
  console.error('tributary: setting up (packages, Node 24 and native parts from npm; once, about a minute)…');
  rmSync(STAMP, { force: true });
  const result = spawnSync('npx', ['--yes', `pnpm@${PNPM_VERSION}`, 'install', '--frozen-lockfile', '--reporter=append-only'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2], // standard output belongs to the task
    env: {
      ...process.env,
      CI: 'true',
      ONNXRUNTIME_NODE_INSTALL: 'skip', // the CPU library is inside the package; the script would fetch CUDA ones
      npm_config_nodedir: join(ROOT, 'node_modules', `node-${process.platform}-${process.arch}`), // headers for node-gyp, without a download
    },
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    console.error('tributary: set-up failed; the lines above say why. It needs the npm registry, python3 and a C++ compiler.');
    process.exit(1);
  }
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, want);
}

function stamp() {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) hash.update(readFileSync(join(ROOT, file)));
  return hash.update(`${PNPM_VERSION} ${process.platform} ${process.arch}`).digest('hex');
}

function run(command, argv) {
  const child = spawn(command, argv, { stdio: 'inherit', cwd: process.env.INIT_CWD ?? process.cwd(), env: childEnvironment() });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + 2 : (code ?? 1)));
}

/** Children find the same Node first on their path; npm's own variables are not passed on. */
function childEnvironment() {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  return { ...env, PATH: `${dirname(nodeBinary())}:${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` };
}
