// A gateway whose data folder cannot be written answers free questions to the network, also when the log has grown.
// Storms check that paid ones are refused.
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNetwork, type TestNetwork } from './_network.ts';

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
const canMount = process.getuid?.() === 0 && run('unshare', '--mount', 'true');
const FREE = { base: '0', perResult: '0', perKiB: '0' };

describe.runIf(canMount)('a gateway on a read-only file system', () => {
  let network: TestNetwork;
  let data: string;
  beforeAll(async () => {
    network = await startNetwork({ price: FREE });
    data = join(network.folder, 'mounted');
    await mkdir(data);
  });
  afterAll(async () => {
    run('umount', '--lazy', data);
    await network.close();
  });

  const mount = (): boolean =>
    run('mount', '--bind', join(network.folder, 'gateway'), data) && run('mount', '-o', 'remount,bind,ro', data);

  it('serves free questions, also when the log has grown', async () => {
    const writable = await network.gateway();
    const ask = async (url: string): Promise<{ status: number; body: { results?: unknown[]; error?: { code: string } } }> => {
      const body = JSON.stringify({ index: 'rivers', query: 'stone bridge', mode: 'bm25', minRelevance: 0 });
      const headers = { 'content-type': 'application/json' };
      const reply = await fetch(`${url}/v1/query`, { method: 'POST', headers, body });
      return { status: reply.status, body: (await reply.json()) as object };
    };
    expect((await ask(writable.url)).status).toBe(200);
    await writable.close();

    expect(mount()).toBe(true);
    const gateway = await network.gateway({ dataDirectory: data });
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/^tributary_read_only 1$/m);
    const index = network.provider.store.index('rivers');
    for (let grown = 0; grown < 2; grown += 1) {
      await index.upsert([{ id: `more-${grown}`, text: 'Another stone bridge.' }]);
      expect(await ask(gateway.url)).toMatchObject({ status: 200, body: { results: expect.any(Array) } });
    }
    await gateway.close();
  }, 120_000);
});
