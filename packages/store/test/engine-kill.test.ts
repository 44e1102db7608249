// A process that writes, and its engine that follows, killed at random moments.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ask, caughtUp, engine, exact, fill, folder, postgres, remote, settings, statusOf } from './_engine.ts';
import { seedOf } from './_helpers.ts';
import type { ListPage } from '../src/types.ts';
import type { IndexService } from '../src/worker/service.ts';
import { makeService, reopen } from './_service.ts';

const WRITER = fileURLToPath(new URL('./_engine-writer-process.ts', import.meta.url));
const KILLS = 4;

async function writeAndKill(start: number, ms: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER, folder, String(start), postgres.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), ms);
    output += bytes.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  const lines = output.split('\n').slice(0, -1);
  expect(lines[0]).toBe('open');
  return lines.length === 1 ? start - 1 : Number(lines.at(-1));
}

async function liveIds(service: IndexService): Promise<string[]> {
  const all: string[] = [];
  for (let after: string | null = null; ;) {
    const { ids, next }: ListPage = await service.call('list', { namespace: '', prefix: '', limit: 1_000, after });
    all.push(...ids);
    if (next === null) return all;
    after = next;
  }
}

it(`answers exactly and has every acknowledged write after each of ${KILLS} kills, whatever the engine had`, async () => {
  const made = await makeService(folder, { settings });
  await fill(made);
  await made.call('close', null);
  let next = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const acknowledged = await writeAndKill(next, 100 + 2 * seedOf(`engine kill ${kill}`)[0]!);
    const service = await reopen(folder, remote(engine(), 10_000));
    const live = await liveIds(service);
    for (let round = next; round <= acknowledged; round += 1) expect(live).toContain(`w${round}-39`);
    // At once, and when the engine has followed.
    for (const name of ['x', 'y']) expect(await ask(service, name)).toEqual(exact(live, name));
    await caughtUp(service);
    for (const name of ['x', 'y']) expect(await ask(service, name)).toEqual(exact(live, name));
    expect(statusOf(service).faults.stale).toBe(0);
    next = acknowledged + 2;
    await service.call('close', null);
  }
  expect(next).toBeGreaterThan(KILLS);
});
