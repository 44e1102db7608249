// Answers kept for their callers: durable, bounded for each account, and seen by no other.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bundle } from '@tributary/schemas';
import { sampleBundle } from '../testing/samples.ts';
import { memoryRows } from '../testing/memory-rows.ts';
import { openKeptStore } from './kept-store.ts';
import { keptAnswersMax, keptBytesMax, keyKeepMs, recoveredKeepMs } from './limits.ts';
import { toQuestionKey } from './question-key.ts';
import type { KeptStore, NewAnswer } from './types.ts';

let folder: string;
let now = 1_790_000_000_000;
let store: KeptStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-kept-'));
  now = 1_790_000_000_000;
  store = await open();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const open = () => openKeptStore({ directory: join(folder, 'answers'), now: () => now });
const reopen = async () => {
  await store.close();
  store = await open();
};
const hashOf = (number: number) => number.toString(16).padStart(64, '0');
const keyOf = (name: string) => toQuestionKey(name, 'question', { text: name });
const answer = (number: number, change: Partial<NewAnswer> = {}): NewAnswer => ({
  receipt: hashOf(number),
  sale: 'rivers@aa',
  charge: '7',
  unit: 'credit',
  key: null,
  recovered: true,
  proof: sampleBundle(),
  ...change,
});
const listed = (account: string | null) =>
  store
    .of(account)
    .recovered()
    .map(({ receipt }) => Number(`0x${receipt}`));

it('are there after a restart, to the byte, and only for their account', async () => {
  const response = 'a line\nand "another" ☂';
  await store.of('a').keep([answer(1, { proof: { ...sampleBundle(), response } })]);
  await store.of(null).keep([answer(2, { key: keyOf('k') })]);
  await reopen();
  expect([listed('a'), listed(null), listed('b')]).toEqual([[1], [2], []]);
  expect(await store.of('a').proof(hashOf(1))).toEqual({ ...sampleBundle(), response });
  expect(await store.of('b').proof(hashOf(1))).toBeNull();
  expect(await store.of('b').received(hashOf(1))).toBe(false);
  expect(store.of(null).under('k')).toMatchObject([{ receipt: hashOf(2), key: keyOf('k') }]);
  expect(store.of('a').under('k')).toEqual([]);
});

it('make no folder before there is one', async () => {
  await reopen();
  expect(await readdir(folder)).toEqual([]);
});

it('are forgotten when they were received, unless a key still names them', async () => {
  const own = store.of(null);
  await own.keep([answer(1), answer(2, { key: keyOf('k') })]);
  expect([await own.received(hashOf(1)), await own.received(hashOf(2))]).toEqual([true, true]);
  expect(listed(null)).toEqual([]);
  await reopen();
  expect(listed(null)).toEqual([]);
  expect(await store.of(null).proof(hashOf(1))).toBeNull();
  expect(store.of(null).under('k')).toHaveLength(1);
  expect(await store.of(null).received(hashOf(2))).toBe(false);
});

it('end with their time: a day under a key, thirty days otherwise', async () => {
  const own = store.of(null);
  await own.keep([answer(1, { key: keyOf('k'), recovered: false }), answer(2)]);
  now += keyKeepMs - 1;
  expect(own.under('k')).toHaveLength(1);
  now += 1;
  expect(own.under('k')).toEqual([]);
  now += recoveredKeepMs - keyKeepMs - 1;
  expect(listed(null)).toEqual([2]);
  now += 1;
  expect(listed(null)).toEqual([]);
  await own.keep([answer(3)]); // what is over leaves the disk with the next
  now -= recoveredKeepMs;
  await reopen();
  expect([listed(null), store.of(null).under('k')]).toEqual([[3], []]);
});

it('are bounded in number: what was handed out goes first, then the oldest', async () => {
  const rows = memoryRows();
  await store.close();
  store = await openKeptStore({ directory: folder, now: () => now, open: async () => rows });
  const own = store.of('a');
  await own.keep([answer(1), answer(2, { key: keyOf('k'), recovered: false })]);
  await own.keep(Array.from({ length: keptAnswersMax - 2 }, (_, at) => answer(at + 3)));
  expect([listed('a').length, own.under('k').length]).toEqual([keptAnswersMax - 1, 1]);
  await own.keep([answer(9_001)]);
  expect([listed('a').length, own.under('k').length]).toEqual([keptAnswersMax, 0]);
  await own.keep([answer(9_002)]);
  expect(listed('a')).toHaveLength(keptAnswersMax);
  expect([listed('a').includes(1), listed('a').includes(9_002)]).toEqual([false, true]);
  await store.of('b').keep([answer(1)]); // another account has room of its own
  expect(listed('a')).toHaveLength(keptAnswersMax);
});

it('are bounded in bytes', async () => {
  const rows = memoryRows();
  await store.close();
  store = await openKeptStore({ directory: folder, now: () => now, open: async () => rows });
  const large = (number: number) => answer(number, { proof: { ...sampleBundle(), response: 'x'.repeat(4_194_000) } as Bundle });
  const fitting = Math.floor(keptBytesMax / 4_200_000);
  for (let at = 1; at <= fitting; at += 1) await store.of(null).keep([large(at)]);
  expect(listed(null)).toHaveLength(fitting);
  for (let at = 1; at <= 2; at += 1) await store.of(null).keep([large(fitting + at)]);
  expect(listed(null).length).toBeLessThanOrEqual(fitting + 1);
  expect(listed(null).at(-1)).toBe(fitting + 2);
});

it('are kept twice without harm, as a crash may make it', async () => {
  await store.of(null).keep([answer(1)]);
  await store.of(null).keep([answer(1)]);
  expect(listed(null)).toEqual([1]);
});

it('are refused with WALLET_WRITE when the disk fails, and nothing counts as kept', async () => {
  const rows = { ...memoryRows(), batch: async () => Promise.reject(new Error('no space')) };
  const failing = await openKeptStore({ directory: folder, now: () => now, open: async () => rows });
  await expect(failing.of(null).keep([answer(1)])).rejects.toMatchObject({ code: 'WALLET_WRITE' });
  expect(failing.of(null).recovered()).toEqual([]);
});

it('are refused with WALLET_DAMAGED when a row cannot be read', async () => {
  const rows = new Map<string, Buffer>();
  const disk = memoryRows(rows);
  const kept = await openKeptStore({ directory: folder, now: () => now, open: async () => disk });
  await kept.of(null).keep([answer(1)]);
  rows.set(`proof/-/${hashOf(1)}`, Buffer.from('{}\n'));
  await expect(kept.of(null).proof(hashOf(1))).rejects.toMatchObject({ code: 'WALLET_DAMAGED' });
  rows.set(`facts/-/${hashOf(1)}`, Buffer.from('{"sale":1}'));
  await expect(openKeptStore({ directory: folder, now: () => now, open: async () => disk })).rejects.toMatchObject({
    code: 'WALLET_DAMAGED',
  });
});

it('have keys that are printable and short, and compare questions by value', () => {
  const vector = Float32Array.of(1, 2);
  const one = toQuestionKey('k', 'question', { text: 'a', topK: 3, vector, maxCharge: 5n });
  expect(
    toQuestionKey('k', 'question', { maxCharge: 5n, vector: Float32Array.of(1, 2), topK: 3, text: 'a', filter: undefined }),
  ).toEqual(one);
  for (const other of [{ text: 'a', topK: 3, vector }, { text: 'a', topK: 3, vector: Float32Array.of(1, 3), maxCharge: 5n }, {}])
    expect(toQuestionKey('k', 'question', other)).not.toEqual(one);
  expect(toQuestionKey('k', 'bytes', { text: 'a', topK: 3, vector, maxCharge: 5n })).not.toEqual(one);
  expect(keyOf('x'.repeat(128)).name).toHaveLength(128);
  for (const wrong of ['', 'x'.repeat(129), 'a b', 'a\n', 'ä'])
    expect(() => keyOf(wrong)).toThrowError(expect.objectContaining({ code: 'INPUT_SHAPE' }));
});

it('keep no more bytes than all accounts may together: the account that keeps most loses first, after a restart, too', async () => {
  await store.close();
  const rows = memoryRows();
  const bytes = { one: 0 };
  const sized = async (bytesMax: number) => {
    store = await openKeptStore({ directory: folder, now: () => (now += 1), open: async () => rows, bytesMax });
  };
  await sized(Infinity);
  await store.of('a').keep([answer(1)]);
  for await (const [key, value] of rows.scan({ gte: Buffer.from('proof/'), lt: Buffer.from('proof0') }))
    if (key.length > 0) bytes.one = value.length;
  await sized(4 * bytes.one);
  for (const number of [2, 3]) await store.of('a').keep([answer(number)]);
  await store.of('b').keep([answer(11)]);
  expect([listed('a'), listed('b')]).toEqual([[1, 2, 3], [11]]);
  await store.of('b').keep([answer(12)]);
  expect([listed('a'), listed('b')]).toEqual([
    [2, 3],
    [11, 12],
  ]);
  await store.of('c').keep([answer(21)]);
  expect([listed('a'), listed('b'), listed('c')]).toEqual([[3], [11, 12], [21]]);
  await sized(2 * bytes.one);
  await store.of('c').keep([answer(22, { recovered: false, key: keyOf('k') })]);
  expect([listed('a'), listed('b'), listed('c')]).toEqual([[], [12], [21]]);
});
