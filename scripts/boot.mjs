// Runs on any Node >= 20 with npm alone: brings pnpm and Node 24 from the npm registry into the checkout, installs from
// the frozen lock file when it changed, then runs the task on Node 24. Plain JavaScript: it runs before anything is
// installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PNPM_VERSION = '12.21.0';
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.boot-stamp');
const LOCK = join(ROOT, '.boot-lock');
/** What the package manager and the compilers say; shown only when they fail. Git ignores it. */
const LOG = join(ROOT, 'setup.log');
const logTailLines = 40;
const setupNoteMs = 15_000;
const lockBeatMs = 1_000;
const lockStaleMs = 6_000;
const PACKAGED_NODE = join(MODULES, `node-${process.platform}-${process.arch}`);
// With V8's small first heap full collections take an eighth of a relay's speed (bench/README.md).
const HEAP = ['--initial-old-space-size=256'];
const PROGRAM = 'packages/cli/src/main.ts';
const [task = '', ...args] = process.argv.slice(2);
const TASKS = {
  start: { options: HEAP, argv: [PROGRAM, 'start', ...optionsTakenByNpm()], where: callerFolder(), bundle: true },
  tributary: { options: HEAP, argv: [PROGRAM], where: callerFolder() },
  test: { argv: ['scripts/test.mjs'], where: ROOT, bundle: true },
  check: { argv: ['scripts/check.mjs'], where: ROOT },
  bench: { argv: ['bench/src/main.ts'], where: ROOT },
  simulate: { argv: ['simulation/src/main.ts'], where: ROOT },
  fuzz: { argv: ['test/fuzz/main.ts'], where: ROOT },
  storm: { argv: ['test/storm/main.ts'], where: ROOT, bundle: true },
  mutate: { argv: ['tools/mutate.ts'], where: ROOT },
  packs: { argv: ['tools/packs.ts'], where: ROOT },
  format: { argv: ['node_modules/oxfmt/bin/oxfmt', '--write', '.'], where: ROOT },
};

if (!Object.hasOwn(TASKS, task)) {
  console.error(`boot: unknown task '${task}'; one of ${Object.keys(TASKS).join(', ')}`);
  process.exit(2);
}
await install();
const { options = [], argv, where, bundle = false } = TASKS[task];
const program = bundle || argv[0] === PROGRAM ? await programFile(bundle) : null;
const file = argv[0] === PROGRAM ? program : join(ROOT, argv[0]);
process.exit(
  await run(nodeBinary(), [...options, file, ...argv.slice(1), ...args], {
    stdio: 'inherit',
    cwd: where,
    // Tests run the same file as users (test/program.ts).
    env: { ...taskEnvironment(), ...(program !== null && argv[0] !== PROGRAM && { TRIBUTARY_PROGRAM: program }) },
  }),
);

/**
 * `npm start --port 8080` without `--` in between: npm keeps the option for itself, as `npm_config_port=true`, and
 * passes the value on as an argument; `--port=8080` it keeps whole. Both mean what they say. Takes the values out of
 * `args`.
 */
function optionsTakenByNpm() {
  if (task !== 'start') return [];
  const take = (name, fits) => {
    const kept = process.env[`npm_config_${name}`];
    if (kept === undefined || kept === '' || args.includes(`--${name}`)) return [];
    if (kept !== 'true') return [`--${name}`, kept];
    const at = args.findIndex((arg) => fits.test(arg));
    return at < 0 ? [`--${name}`] : [`--${name}`, ...args.splice(at, 1)];
  };
  return [...take('port', /^\d+$/), ...take('data', /^(?!-|\d+$)/)];
}

/**
 * Where the user called from: npm moves to the package root and leaves the folder in INIT_CWD. Another project's
 * INIT_CWD is not ours.
 */
function callerFolder() {
  const { INIT_CWD, npm_package_json: manifest } = process.env;
  const ours = manifest !== undefined && existsSync(manifest) && realpathSync(manifest) === join(ROOT, 'package.json');
  return ours && INIT_CWD ? INIT_CWD : process.cwd();
}

/**
 * The program's bundle, made where there is none for the present sources; the sources when it cannot be made, or is not
 * worth it.
 */
async function programFile(worthMaking) {
  const sources = join(ROOT, PROGRAM);
  try {
    const { bundledMain } = await import('./bundle.mjs');
    return bundledMain() ?? (worthMaking ? makeBundle() : sources);
  } catch (error) {
    console.error(`tributary: starts from its sources, which takes longer: ${error.message}`);
    return sources;
  }
}

/** By the Node that runs Tributary, because an older one cannot read the page's sources. */
function makeBundle() {
  const { status, stdout, stderr, error } = spawnSync(nodeBinary(), [join(ROOT, 'scripts/bundle.mjs')], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  throw error ?? new Error(stderr.trim().split('\n').slice(-logTailLines).join('\n'));
}

/** The Node that runs Tributary: the one from npm for this platform, else the present one when it is new enough. */
function nodeBinary() {
  const packaged = join(PACKAGED_NODE, 'bin', 'node');
  if (existsSync(packaged)) return packaged;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  console.error(
    `tributary needs Node >= 22.18 on ${process.platform}-${process.arch} (this is ${process.version}, and npm has no Node package for the platform)`,
  );
  process.exit(1);
}

/**
 * Installs once per lock file, platform and pnpm version; the stamp makes later runs start at once. One process at a
 * time.
 */
async function install() {
  if (installed()) return;
  const release = await lock();
  try {
    if (installed()) return; // by the process that held the lock
    console.error('tributary: setting up (packages, Node 24 and native parts from npm; once, about a minute)…');
    rmSync(STAMP, { force: true });
    const code = await installPackages();
    if (code > 128) process.exitCode = code;
    else if (code !== 0) {
      console.error(readFileSync(LOG, 'utf8').trimEnd().split('\n').slice(-logTailLines).join('\n'));
      console.error(
        `tributary: set-up failed; the lines above say why (all of them: ${LOG}). It needs the npm registry, python3 and a C++ compiler.`,
      );
    } else {
      mkdirSync(MODULES, { recursive: true });
      writeFileSync(STAMP, stamp());
      return;
    }
  } finally {
    release();
  }
  process.exit(process.exitCode ?? 1);
}

/** Runs the package manager; its output, and that of the compilers it starts, goes to the log. */
async function installPackages() {
  const log = openSync(LOG, 'w', 0o600);
  const started = Date.now();
  const note = setInterval(
    () => console.error(`tributary: still setting up, ${Math.round((Date.now() - started) / 1_000)} s…`),
    setupNoteMs,
  );
  try {
    return await run('npx', ['--yes', `pnpm@${PNPM_VERSION}`, 'install', '--frozen-lockfile', '--reporter=append-only'], {
      cwd: ROOT,
      stdio: ['ignore', log, log],
      env: installEnvironment(),
      shell: process.platform === 'win32',
    });
  } finally {
    clearInterval(note);
    closeSync(log);
  }
}

function installed() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp();
}

function stamp() {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) hash.update(readFileSync(join(ROOT, file)));
  return hash.update(`${PNPM_VERSION} ${process.platform} ${process.arch}`).digest('hex');
}

/**
 * A folder whose time the holder refreshes; one that was left behind goes stale and is taken over. Returns the release.
 */
async function lock() {
  for (let told = false; ; told = true) {
    try {
      mkdirSync(LOCK);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const touched = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - touched > lockStaleMs) rmSync(LOCK, { recursive: true, force: true });
    else {
      if (!told) console.error('tributary: another process is setting up; waiting for it…');
      await new Promise((done) => setTimeout(done, lockBeatMs / 4));
    }
  }
  const beat = setInterval(() => existsSync(LOCK) && utimesSync(LOCK, new Date(), new Date()), lockBeatMs);
  return () => {
    clearInterval(beat);
    rmSync(LOCK, { recursive: true, force: true });
  };
}

/**
 * Runs a child to its end and gives its exit code, 128 + n when signal n ended it. At a terminal Ctrl-C and hang-up
 * reach the child by themselves; passing them on would make them two. Elsewhere npm and the shell may each pass one on:
 * the first counts.
 */
function run(command, argv, options) {
  const atTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  const child = spawn(command, argv, options);
  const passedAt = new Map();
  const pass = (signal) => {
    if (atTerminal && signal !== 'SIGTERM') return;
    if (Date.now() - (passedAt.get(signal) ?? -Infinity) < 1_000) return;
    passedAt.set(signal, Date.now());
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, pass);
  return new Promise((done) => {
    child.on('error', (error) => {
      console.error(`tributary: ${command} did not start: ${error.message}`);
      done(127);
    });
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      done(signal ? 128 + constants.signals[signal] : code);
    });
  });
}

function installEnvironment() {
  // The CPU library is inside the package; its script would fetch CUDA ones.
  const env = { ...process.env, CI: 'true', ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  // Headers for node-gyp come with the packaged Node; without them node-gyp would try the Node.js site.
  return Object.hasOwn(optionalDependencies, `node-${process.platform}-${process.arch}`)
    ? { ...env, npm_config_nodedir: PACKAGED_NODE }
    : env;
}

/**
 * Children find the same Node first on their path. npm's own variables are not passed on, but for the place of the
 * machine's settings (registry, certificates), which the npm of another Node would look for elsewhere.
 */
function taskEnvironment() {
  const isOurs = (name) => name === 'npm_config_globalconfig' || (!name.startsWith('npm_') && name !== 'INIT_CWD');
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => isOurs(name)));
  // Node keeps its compiled and type-stripped sources here: a start takes half the processor time.
  const cache = { NODE_COMPILE_CACHE: join(MODULES, '.cache', 'node-compile') };
  return { ...cache, ...env, PATH: [dirname(nodeBinary()), join(MODULES, '.bin'), process.env.PATH ?? ''].join(delimiter) };
}
