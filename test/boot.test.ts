// scripts/boot.mjs in a folder of its own, with an `npx` that only records its calls: the behaviour that npm, shells
// and supervisors rely on.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const source = join(import.meta.dirname, '..');
let root = '';

const PROGRAM = `
const [what] = process.argv.slice(2);
if (what === 'start') console.log(process.argv.slice(2).join(' '));
if (what === 'code') process.exit(5);
if (what === 'killed') process.kill(process.pid, 'SIGKILL');
if (what === 'where') console.log(process.cwd(), Object.keys(process.env).filter((name) => /^npm_|^INIT_CWD/.test(name)).length);
if (what === 'serve') {
  process.on('SIGTERM', () => { console.log('SIGTERM'); setTimeout(() => process.exit(0), 300); });
  setInterval(() => {}, 1000);
  console.log('up');
}
`;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-boot-')));
  for (const file of ['scripts/boot.mjs', 'scripts/bundle.mjs', 'package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'])
    cpSync(join(source, file), join(root, file));
  mkdirSync(join(root, 'packages/cli/src'), { recursive: true });
  writeFileSync(join(root, 'packages/cli/src/main.ts'), PROGRAM);
  npx('sleep 0.5');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Replaces npx by a shell line that runs after the call is recorded. */
function npx(line: string): void {
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'bin/npx'), `#!/bin/sh\necho called >> "${root}/calls"\n${line}\n`);
  chmodSync(join(root, 'bin/npx'), 0o755);
}

function installs(): number {
  return existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n').length : 0;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** What the boot script itself said on standard error. */
let said = '';

function boot(
  args: string[],
  env: NodeJS.ProcessEnv = {},
  whenUp?: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$/.test(name)));
  const child = spawn(process.execPath, [join(root, 'scripts/boot.mjs'), ...args], {
    cwd: root,
    env: { ...clean, PATH: [join(root, 'bin'), process.env['PATH']].join(delimiter), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  said = '';
  child.stderr.on('data', (part: Buffer) => void (said += part.toString()));
  let output = '';
  child.stdout.on('data', (part: Buffer) => {
    output += part.toString();
    if (part.toString().includes('up')) whenUp?.((signal) => child.kill(signal));
  });
  return new Promise((done) => child.on('close', (code) => done({ code, output })));
}

test('installs once, and again when the lock file changes', async () => {
  await boot(['tributary', 'where']);
  await boot(['tributary', 'where']);
  expect(installs()).toBe(1);
  writeFileSync(join(root, 'pnpm-lock.yaml'), 'changed');
  await boot(['tributary', 'where']);
  expect(installs()).toBe(2);
});

test('two starts at once install once, and both run', async () => {
  const ended = await Promise.all([boot(['tributary', 'where']), boot(['tributary', 'where'])]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  expect(installs()).toBe(1);
});

test('an install that failed is tried again, and its lock is gone', async () => {
  npx('exit 3');
  expect(await boot(['tributary', 'where'])).toEqual({ code: 1, output: '' });
  expect(existsSync(join(root, '.boot-lock'))).toBe(false);
  npx('exit 0');
  expect(await boot(['tributary', 'where'])).toMatchObject({ code: 0 });
  expect(installs()).toBe(2);
});

test('compiler output is hidden while set-up succeeds, and shown when it fails', async () => {
  npx('echo "warning: noise of a compiler" >&2');
  expect(await boot(['tributary', 'where'])).toMatchObject({ code: 0 });
  expect(said).toContain('setting up');
  expect(said).not.toContain('noise');
  writeFileSync(join(root, 'pnpm-lock.yaml'), 'changed');
  npx('echo "error: no compiler here" >&2; exit 1');
  expect(await boot(['tributary', 'where'])).toMatchObject({ code: 1 });
  expect(said).toContain('error: no compiler here');
  expect(said).toContain('set-up failed');
});

test.each([
  [{ npm_config_port: 'true' }, ['18900'], 'start --port 18900'],
  [{ npm_config_port: '18900' }, [], 'start --port 18900'],
  [{ npm_config_port: 'true', npm_config_data: 'true' }, ['/tmp/x', '18900'], 'start --port 18900 --data /tmp/x'],
  [{ npm_config_port: 'true' }, ['--port', '1'], 'start --port 1'],
  [{}, ['--port', '18900'], 'start --port 18900'],
])('npm start: options that npm consumed are restored (%o, %o)', async (env, args, line) => {
  expect(await boot(['start', ...args], env)).toMatchObject({ code: 0, output: `${line}\n` });
});

test('a lock that a killed install left behind is taken over', async () => {
  mkdirSync(join(root, '.boot-lock'));
  utimesSync(join(root, '.boot-lock'), new Date(0), new Date(0));
  expect(await boot(['tributary', 'where'])).toMatchObject({ code: 0 });
});

test('exit codes pass through, 128 + n for a signal, 2 for an unknown task', async () => {
  expect(await boot(['tributary', 'code'])).toMatchObject({ code: 5 });
  expect(await boot(['tributary', 'killed'])).toMatchObject({ code: 137 });
  expect(await boot(['nonsense'])).toMatchObject({ code: 2 });
});

test('commands run where npm was called, and npm leaves no trace; another project’s INIT_CWD is not followed', async () => {
  const called = join(root, 'bin');
  const ours = { INIT_CWD: called, npm_package_json: join(root, 'package.json') };
  expect(await boot(['tributary', 'where'], ours)).toMatchObject({ output: `${called} 0\n` });
  expect(await boot(['tributary', 'where'], { INIT_CWD: called, npm_package_json: '/elsewhere/package.json' })).toMatchObject({
    output: `${root} 0\n`,
  });
});

test('a signal that npm and the shell both pass on reaches the program once', async () => {
  const ended = await boot(['tributary', 'serve'], {}, (kill) => {
    kill('SIGTERM');
    setTimeout(() => kill('SIGTERM'), 50);
  });
  expect(ended).toEqual({ code: 0, output: 'up\nSIGTERM\n' });
});

test('the program runs from a bundle that is made once for each version of its sources', async () => {
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  const river = (name: string): void => write('packages/cli/src/river.ts', `export const river: string = '${name}';`);
  const bundles = (): string[] => readdirSync(join(root, 'node_modules/.cache/tributary'));
  write('packages/console/package.json', '{}');
  symlinkSync(join(source, 'packages/console/node_modules'), join(root, 'packages/console/node_modules'));
  write('packages/console/src/build.ts', `export const buildPage = async (): Promise<string> => 'a page';`);
  write(
    'packages/cli/src/tide-worker.ts',
    `import { parentPort } from 'node:worker_threads'; parentPort!.postMessage(import.meta.dirname);`,
  );
  write(
    'packages/cli/src/main.ts',
    `import { once } from 'node:events';
     import { Worker } from 'node:worker_threads';
     import { buildPage } from '../../console/src/build.ts';
     import { river } from './river.ts';
     const [place] = await once(new Worker(new URL('./tide-worker.ts', import.meta.url)), 'message');
     const bundled = process.argv[1]!.includes('.cache') ? 'bundle' : 'sources';
     console.log(river, bundled, await buildPage(), place === import.meta.dirname);`,
  );
  river('Rhine');
  expect(await boot(['tributary'])).toEqual({ code: 0, output: 'Rhine sources a page true\n' });
  expect(await boot(['start'])).toEqual({ code: 0, output: 'Rhine bundle a page true\n' });
  expect(await boot(['tributary'])).toEqual({ code: 0, output: 'Rhine bundle a page true\n' });
  river('Elbe');
  expect(await boot(['tributary'])).toEqual({ code: 0, output: 'Elbe sources a page true\n' });
  expect(await boot(['start'])).toEqual({ code: 0, output: 'Elbe bundle a page true\n' });
  expect(bundles()).toHaveLength(2);
  river('Rhine');
  expect(await boot(['start'])).toEqual({ code: 0, output: 'Rhine bundle a page true\n' });
  expect(bundles()).toHaveLength(2);
  expect(said).toBe('');
});

test('a program of which no bundle can be made runs from its sources, and says why', async () => {
  expect(await boot(['start'])).toMatchObject({ code: 0, output: 'start\n' });
  expect(said).toContain('starts from its sources');
});
