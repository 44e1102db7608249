// The guide "From Pinecone in one line", followed literally in a fresh folder: its files, its commands, what it says
// that they print.
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { program } from './program.ts';

const GUIDE = new URL('../docs/guides/pinecone.md', import.meta.url);
/** The client that the guide's `npm install` would fetch, as the lock file has it. */
const CLIENT = fileURLToPath(new URL('../node_modules/pinecone-9', import.meta.url));

/** A port that was free a moment ago, in place of the guide's. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs a script of bash to its end; a process group of its own, so that nothing it started is left. */
function bash(script: string, cwd: string, path: string): Promise<{ code: number | null; out: string }> {
  const env = { ...process.env, PATH: path, TRIBUTARY_HOME: join(cwd, 'home'), TRIBUTARY_RENDEZVOUS: join(cwd, 'rendezvous') };
  const child = spawn('bash', ['-eu', '-o', 'pipefail', '-c', script], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It has ended, and all it started.
    }
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (out += data.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out })));
}

it('does what it says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-guide-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const port = String(await freePort());
  const guide = (await readFile(GUIDE, 'utf8')).replaceAll('5080', port);
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const programs = {
    tributary: `exec '${process.execPath}' '${program}' "$@"`,
    npm: `test "$*" = 'install @pinecone-database/pinecone'`,
  };
  for (const [name, line] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/bash\n${line}\n`);
    await chmod(join(bin, name), 0o755);
  }
  await mkdir(join(folder, 'node_modules/@pinecone-database'), { recursive: true });
  await symlink(await realpath(CLIENT), join(folder, 'node_modules/@pinecone-database/pinecone'));

  const files = [...guide.matchAll(/^`(\w+\.mjs)`:\n\n```js\n(.*?)^```$/gms)];
  expect(files.map(([, name]) => name)).toEqual(['app.mjs', 'notes.mjs', 'again.mjs']);
  for (const [, name, text] of files) await writeFile(join(folder, name!), text!);
  const commands = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text!);
  expect(commands).toHaveLength(6);

  const path = [bin, join(process.execPath, '..'), process.env['PATH'] ?? ''].join(delimiter);
  const { code, out } = await bash(commands.join('\n'), folder, path);
  const printed = [...guide.matchAll(/It prints `([^`]+)`/g)].map(([, line]) => line!);
  expect(printed).toHaveLength(3);
  for (const line of printed) expect(out.split('\n'), out).toContain(line);
  expect(code, out).toBe(0);
  expect(JSON.parse(await readFile(join(folder, 'proof.json'), 'utf8'))).toMatchObject({ type: 'tributary/bundle' });
}, 180_000);
