// Backups of real processes that write meanwhile: what was acknowledged before is in the copy, which checks, starts and
// serves.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openWorkplace, writeFolder, type Running, type Workplace } from './_processes.ts';

let place: Workplace;
let provider: Running;
let gateway: Running;
let node: Running;
let gatewayUrl: string;
let nodeUrl: string;
const at = (name: string) => join(place.folder, name);
const records = '/v1/indexes/notes/records';

async function post(url: string, path: string, body: object): Promise<{ status: number; body: unknown }> {
  const reply = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: await reply.json() };
}

beforeAll(async () => {
  place = await openWorkplace();
  const documents = await writeFolder(at('documents'), { 'spring.md': '# Floods\n\nThe spring flood begins in April.' });
  provider = place.start(['provide', documents, '--index', 'rivers', '--price', '2', '--publish']);
  gateway = place.start(['gateway', '--port', '0']);
  node = place.start(['node', '--port', '0']);
  await provider.says(/^serving/m);
  gatewayUrl = (await gateway.says(/^gateway at (\S+)$/m))[1]!;
  nodeUrl = (await node.says(/^node at (\S+)$/m))[1]!;
  for (const one of [gateway, node]) {
    const payer = (await one.says(/^ {2}wallet (\S+)$/m))[1]!;
    await place.run('credit', 'grant', payer, '100000');
  }
  expect((await post(nodeUrl, '/v1/indexes', { name: 'notes', dimension: 3 })).status).toBe(201);
  for (const url of [gatewayUrl, nodeUrl])
    await vi.waitUntil(async () => (await buy(url)) === 2n, { timeout: 60_000, interval: 1_000 });
}, 240_000);
afterAll(() => place.close());

/** What a question to `rivers` cost; null: it was refused. */
async function buy(url: string): Promise<bigint | null> {
  const { status, body } = await post(url, '/v1/query', { index: 'rivers', query: 'spring flood', mode: 'bm25' });
  return status === 200 ? BigInt((body as { usage: { charge: string } }).usage.charge) : null;
}

/** Writes and pays until it is told to stop; what is counted was acknowledged. */
function busy() {
  const done = { records: 0, byGateway: 0, byNode: 0 };
  let stopped = false;
  const until = async (one: () => Promise<void>): Promise<void> => {
    while (!stopped) await one();
  };
  const running = Promise.all([
    until(async () => {
      const id = `r${done.records}`;
      const { status } = await post(nodeUrl, records, { records: [{ id, vector: [1, 2, done.records], text: `note ${id}` }] });
      expect(status).toBe(200);
      done.records += 1;
    }),
    until(async () => {
      expect(await buy(gatewayUrl)).toBe(2n);
      done.byGateway += 1;
    }),
    until(async () => {
      expect(await buy(nodeUrl)).toBe(2n);
      done.byNode += 1;
    }),
  ]);
  return {
    done,
    async stop() {
      stopped = true;
      await running;
    },
  };
}

it('a node, its gateway and its provider are copied while they write; the copies have all that came before', async () => {
  const work = busy();
  await vi.waitUntil(() => work.done.records > 50 && work.done.byGateway > 10 && work.done.byNode > 10, { timeout: 120_000 });
  const before = { ...work.done };
  const copied = await Promise.all([
    place.run('backup', at('provider')),
    place.run('backup', at('gateway'), '--role', 'gateway'),
    place.run('backup', at('node'), '--role', 'node'),
  ]);
  for (const one of copied)
    expect(one, one.err).toMatchObject({ code: 0, err: expect.stringContaining('acknowledged before it began') });
  const after = { ...work.done };
  expect(after.records).toBeGreaterThan(before.records); // it did write meanwhile
  await delay(500);
  await work.stop();

  for (const name of ['provider', 'node']) {
    const restored = await place.run('restore', at(name), '--data', at(`${name}-restored`));
    expect(restored, restored.err).toMatchObject({ code: 0 });
    const check = await place.run('check', '--data', at(`${name}-restored`), '--json');
    expect(check, check.out + check.err).toMatchObject({ code: 0 });
  }
  const booked = JSON.parse((await place.run('balance', '--role', 'provider', '--json')).out) as { charged: string };
  const first = 2n; // one question each until the credit was known
  expect(BigInt(booked.charged)).toBe(2n * (BigInt(work.done.byGateway + work.done.byNode) + first));

  const rehearsal = place.start(['node', '--port', '0', '--data', at('node-restored')]);
  const url = (await rehearsal.says(/^node at (\S+)$/m))[1]!;
  const ids = Array.from({ length: before.records }, (_, number) => `r${number}`);
  for (let from = 0; from < ids.length; from += 100) {
    const { body } = await post(url, `${records}/fetch`, { ids: ids.slice(from, from + 100) });
    expect((body as { records: unknown[] }).records).toHaveLength(Math.min(100, ids.length - from));
  }
  expect((await post(url, records, { records: [{ id: 'more', vector: [3, 2, 1] }] })).status).toBe(200);
  // Its wallet is a copy, so it finds nobody to pay while the original does.
  expect(await buy(url)).toBeNull();
  expect(await buy(nodeUrl)).toBe(2n);
  expect(await rehearsal.kill('SIGINT')).toMatchObject({ code: 0 });
}, 300_000);

it('a gateway goes on from its copy: it pays, and loses nothing', async () => {
  await gateway.kill('SIGINT');
  const again = place.start(['gateway', '--port', '0', '--data', at('gateway')]);
  const url = (await again.says(/^gateway at (\S+)$/m))[1]!;
  await vi.waitUntil(async () => (await buy(url)) === 2n, { timeout: 60_000, interval: 1_000 });
  const { couldLose, writtenOff } = JSON.parse((await place.run('balance', '--json', '--data', at('gateway'))).out) as Record<
    string,
    string
  >;
  expect({ couldLose, writtenOff }).toEqual({ couldLose: '0', writtenOff: '0' });
  expect(await again.kill('SIGINT')).toMatchObject({ code: 0 });
}, 120_000);
