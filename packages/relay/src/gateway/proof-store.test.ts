import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from '@tributary/schemas';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { receiptOf, sampleBundle } from '../../test/_gateway.ts';
import { createLog } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
import { decodeProof, encodeProof } from './proof-files.ts';
import { openProofStore, type ProofStore, type ProofStoreOptions } from './proof-store.ts';

let directory = '';
let lines: string[] = [];
let metrics = createMetrics();
const open = (limits: ProofStoreOptions['limits'] = {}): Promise<ProofStore> =>
  openProofStore({
    directory,
    metrics,
    limits,
    log: createLog({ json: true, now: () => 0, write: (line) => void lines.push(line) }),
  });

const receipts = Array.from({ length: 40 }, (_, at) => receiptOf(sampleBundle(at)));
const keep = (store: ProofStore, at: number) => store.keep(receipts[at]!, () => sampleBundle(at));
const held = async (store: ProofStore) =>
  (await Promise.all(receipts.map((receipt) => store.get(receipt)))).flatMap((file, at) => (file === null ? [] : [at]));
const counted = async (outcome: string) =>
  (await metrics.proofs.get()).values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
const path = (name: string) => join(directory, name);

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'tributary-proofs-')), 'proofs');
  lines = [];
  metrics = createMetrics();
});
afterEach(() => rm(join(directory, '..'), { recursive: true }));

test('a proof is there at once, and after a restart, as it was', async () => {
  const store = await open();
  keep(store, 1);
  expect(await store.get(receipts[1]!)).toEqual(sampleBundle(1));
  await store.settled();
  expect(await store.get(receipts[1]!)).toEqual(sampleBundle(1));
  await store.close();
  const again = await open();
  expect(await again.get(receipts[1]!)).toEqual(sampleBundle(1));
  expect(await again.get(receipts[2]!)).toBeNull();
  keep(again, 2);
  await again.close();
  expect(await held(await open())).toEqual([1, 2]);
  expect(await readdir(directory)).toEqual(['proofs-00000001.log']);
});

test.each(['', '{"results":[]}', '{"text":"über \\n \\"ß\\""}', 'a\nb\n'])(
  'a response is kept as it is: %j',
  async (response) => {
    const bundle = { ...sampleBundle(1), response };
    expect(decodeProof(encodeProof(bundle))).toEqual(bundle);
    expect(Object.keys(decodeProof(encodeProof(bundle)))).toEqual(Object.keys(bundle));
    expect(decodeProof(Buffer.from(JSON.stringify(bundle)))).toEqual(bundle);
  },
);

test('folder and files are for their owner only', async () => {
  const store = await open();
  keep(store, 1);
  await store.close();
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  expect((await stat(path('proofs-00000001.log'))).mode & 0o777).toBe(0o600);
});

test('the oldest go when there are too many, or too many bytes', async () => {
  const byCount = await open({ kept: 32 });
  for (let at = 0; at < 40; at++) {
    keep(byCount, at);
    await byCount.settled();
  }
  // Files hold a sixteenth of the count, here two proofs, and are deleted as a whole.
  expect(await held(byCount)).toEqual(Array.from({ length: 32 }, (_, at) => at + 8));
  await byCount.close();
  const bytes = (await stat(path('proofs-00000020.log'))).size;
  const byBytes = await open({ kept: 32, bytes: 3 * bytes });
  expect(await held(byBytes)).toEqual([34, 35, 36, 37, 38, 39]);
  expect((await readdir(directory)).length).toBe(3);
  await byBytes.close();
});

test('an incomplete end is cut off and overwritten', async () => {
  const store = await open();
  for (const at of [1, 2]) keep(store, at);
  await store.close();
  const file = path('proofs-00000001.log');
  await truncate(file, (await stat(file)).size - 5);
  const again = await open();
  expect(await held(again)).toEqual([1]);
  keep(again, 3);
  await again.close();
  expect(await held(await open())).toEqual([1, 3]);
});

test('a damaged proof is not given out', async () => {
  const store = await open();
  for (const at of [1, 2]) keep(store, at);
  await store.close();
  const file = path('proofs-00000001.log');
  const bytes = await readFile(file);
  bytes[100]! ^= 1;
  await writeFile(file, bytes);
  expect(await held(await open())).toEqual([2]);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'warn', event: 'proof-damaged', receipt: receipts[1] }]);
});

test("proofs beyond the queue's limit are dropped, those before them are not", async () => {
  const store = await open({ waiting: 3 });
  for (let at = 0; at < 5; at++) keep(store, at);
  await store.settled();
  expect(await held(store)).toEqual([0, 1, 2]);
  expect([await counted('kept'), await counted('given-up')]).toEqual([3, 2]);
  expect(lines.length).toBe(1);
  await store.close();
});

test('a proof that cannot be made harms no other', async () => {
  const store = await open();
  store.keep(receipts[0]!, (): Bundle => {
    throw new Error('gone');
  });
  keep(store, 1);
  await store.settled();
  expect(await store.get(receipts[1]!)).not.toBeNull();
  expect(await counted('given-up')).toBe(1);
  await store.close();
});

test('a failing disk is logged once and tried again with the next proof', async () => {
  const store = await open();
  await rm(directory, { recursive: true });
  await writeFile(directory, 'a file where the folder should be');
  for (const at of [1, 2]) {
    keep(store, at);
    await store.settled();
  }
  expect(await held(store)).toEqual([]);
  expect([lines.length, await counted('given-up')]).toEqual([1, 2]);
  await rm(directory);
  await mkdir(directory);
  keep(store, 3);
  await store.close();
  expect(await held(await open())).toEqual([3]);
});
