import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { workerRestartsMax } from '../src/limits.ts';
import { openChannel, type WorkerChannel } from '../src/worker/channel.ts';
import { openProxy } from '../src/worker/proxy.ts';
import type { WorkerStart } from '../src/worker/protocol.ts';
import { OWNER, temporaryFolder } from './_helpers.ts';
import { SETTINGS, TIME, put } from './_service.ts';

async function setUp() {
  const folder = await temporaryFolder();
  const links: WorkerChannel[] = [];
  const open = async (start: WorkerStart): Promise<WorkerChannel> => {
    const channel = await openChannel(start);
    links.push(channel);
    return channel;
  };
  const create = { making: join(folder, '.creating-rivers'), time: TIME };
  const proxy = await openProxy(
    { directory: join(folder, 'rivers'), settings: SETTINGS, seed: OWNER.seed, engineUrl: null, create },
    open,
  );
  onTestFinished(() => proxy.close());
  const write = (id: string) =>
    proxy.call('write', {
      operations: put(id),
      time: TIME,
      custody: 'self',
      author: null,
      salts: new Uint8Array(32),
      documents: [],
    });
  return { proxy, links, write };
}

it('restarts a worker that died, with everything that was acknowledged', async () => {
  const { proxy, links, write } = await setUp();
  await write('a');
  const waiting = Array.from({ length: 50 }, (_, at) =>
    write(`w${at}`).then(
      () => at,
      (error: unknown) => error,
    ),
  );
  await Promise.all([links[0]!.terminate(), ...waiting]);
  expect(await waiting.at(-1)).toMatchObject({ code: 'WORKER_CRASHED' });
  const { ids } = await proxy.call('list', { namespace: '', prefix: '', limit: 1_000, after: null });
  expect(ids).toContain('a');
  expect(links).toHaveLength(2);
  await write('b');
  expect(await proxy.call('check', null)).toMatchObject({ ok: true });
  expect(proxy.status().records).toBe((await proxy.call('stats', null)).records);
});

it('gives up on a worker that dies again and again', async () => {
  const { proxy, links } = await setUp();
  for (let time = 0; time <= workerRestartsMax; time += 1) {
    await expect.poll(() => links.length, { timeout: 30_000 }).toBe(time + 1);
    await links[time]!.terminate();
  }
  await expect(proxy.call('stats', null)).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
  expect(links).toHaveLength(workerRestartsMax + 1);
});

it('passes errors across with their code, and refuses calls when it is closed', async () => {
  const { proxy } = await setUp();
  await expect(proxy.call('consistency', { first: 2, second: 1 })).rejects.toMatchObject({
    name: 'StoreError',
    code: 'SNAPSHOT_BEHIND',
  });
  const bad = { namespace: '', filter: { a: { $near: 1 } }, time: TIME, custody: 'self', author: null } as const;
  await expect(proxy.call('deleteMatching', bad)).rejects.toMatchObject({ code: 'FILTER_INVALID' });
  await expect(proxy.call('snapshot', 'zz')).rejects.toThrow(TypeError);
  const last = proxy.call('stats', null);
  const closing = proxy.close();
  await expect(proxy.call('stats', null)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  expect(await last).toMatchObject({ records: 0 });
  await closing;
});
