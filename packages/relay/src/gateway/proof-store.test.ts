import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordOf } from '@tributary/proof';
import type { Bundle } from '@tributary/schemas';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { receiptOf, sampleBundle } from '../../test/_gateway.ts';
import { createLog } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
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
    const store = await open();
    store.keep(receipts[1]!, () => bundle);
    await store.settled();
    const kept = (await store.get(receipts[1]!))!;
    expect(kept).toEqual(bundle);
    expect(Object.keys(kept)).toEqual(Object.keys(bundle));
    await store.close();
  },
);

test('a record is written once to a file, and each proof has it', async () => {
  const bytesOf = (fill: number) => ({ shown: new Uint8Array(3_000).fill(fill), path: new Uint8Array(64).fill(fill) });
  const records = [1, 2, 3].map(bytesOf);
  const bundleOf = (at: number, used: typeof records): Bundle => ({
    ...sampleBundle(at),
    records: used.map(({ shown, path }) => recordOf(shown, path)),
  });
  const size = async (name: string) => (await stat(path(name))).size;
  const store = await open({ fileBytes: 20_000 });
  store.keep(receipts[0]!, () => bundleOf(0, records));
  await store.settled();
  const first = await size('proofs-00000001.log');
  expect(first).toBeGreaterThan(9_000);
  for (const at of [1, 2]) store.keep(receipts[at]!, () => bundleOf(at, records.toReversed()));
  await store.settled();
  expect(await size('proofs-00000001.log')).toBeLessThan(first + 2 * (first - 9_000));
  // Equal bytes of another object, as after a restart, are written again.
  for (const at of [3, 4, 5]) store.keep(receipts[at]!, () => bundleOf(at, [1, 2, 3].map(bytesOf)));
  await store.settled();
  store.keep(receipts[6]!, () => bundleOf(6, records)); // in the next file
  await store.close();
  expect(await readdir(directory)).toEqual(['proofs-00000001.log', 'proofs-00000002.log']);
  const again = await open();
  const text = (used: typeof records) =>
    used.map(({ shown, path: hashes }) => ({ shown: Buffer.from(shown).toString('base64url'), path: pathOf(hashes) }));
  for (const at of [0, 3, 4, 5, 6])
    expect(await again.get(receipts[at]!)).toEqual({ ...sampleBundle(at), records: text(records) });
  for (const at of [1, 2])
    expect((await again.get(receipts[at]!)) as Bundle).toMatchObject({ records: text(records.toReversed()) });
  await again.close();
});

const pathOf = (hashes: Uint8Array) => [0, 32].map((at) => Buffer.from(hashes.subarray(at, at + 32)).toString('base64url'));

test('a proof whose record is damaged is not given out', async () => {
  const shown = new Uint8Array(3_000).fill(5);
  const store = await open();
  store.keep(receipts[1]!, () => ({ ...sampleBundle(1), records: [recordOf(shown, new Uint8Array(0))] }));
  keep(store, 2);
  await store.close();
  const bytes = await readFile(path('proofs-00000001.log'));
  bytes[bytes.indexOf(5, 100)]! ^= 1;
  await writeFile(path('proofs-00000001.log'), bytes);
  expect(await held(await open())).toEqual([2]);
});

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
