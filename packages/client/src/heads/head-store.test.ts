import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRows } from '@tributary/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openHeadStore } from './head-store.ts';
import type { HeadStore } from './memory-heads.ts';

const index = `rivers@${'a'.repeat(32)}`;
const head = (size: number) => ({ index, size, root: String(size % 10).repeat(64) });
let folder: string;
let heads: HeadStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-heads-'));
  heads = await openHeadStore(folder);
});
afterEach(async () => {
  await heads.close();
  await rm(folder, { recursive: true });
});

it('remembers the newest head of each log over restarts', async () => {
  const other = { ...head(1), index: `lakes@${'a'.repeat(32)}` };
  expect(heads.get(index)).toBe(null);
  expect(await heads.replace(null, head(3))).toBe(true);
  expect(await heads.replace(head(3), head(5))).toBe(true);
  expect(await heads.replace(null, other)).toBe(true);
  await heads.close();
  heads = await openHeadStore(folder);
  expect([heads.get(index), heads.get(other.index)]).toEqual([head(5), other]);
});

it('writes nothing when the newest head is not the expected one', async () => {
  await heads.replace(null, head(3));
  for (const thought of [null, head(2), { ...head(3), root: '9'.repeat(64) }])
    expect(await heads.replace(thought, head(7))).toBe(false);
  expect(heads.get(index)).toEqual(head(3));
});

it('is shared by concurrent processes: each step sees what the others have stored', async () => {
  await heads.replace(null, head(3));
  await heads.close();
  const [one, two] = [await openHeadStore(folder, { shared: true }), await openHeadStore(folder, { shared: true })];
  // Both at once, from the same head: one wins, the other learns the newest head.
  const won = await Promise.all([one.replace(head(3), head(4)), two.replace(head(3), head(5))]);
  expect(new Set(won)).toEqual(new Set([false, true]));
  const kept = head(won[0] ? 4 : 5);
  expect((won[0] ? two : one).get(index)).toEqual(kept);
  await one.close();
  await two.close();
  heads = await openHeadStore(folder);
  expect(heads.get(index)).toEqual(kept);
});

it('reports that another process holds the folder', async () => {
  await expect(openHeadStore(folder, { waitMs: 50 })).rejects.toMatchObject({
    code: 'WALLET_DAMAGED',
    message: expect.stringContaining(folder),
  });
});

it.each(['{', '{"index":"rivers","size":-1,"root":""}'])('refuses a row that cannot be read: %s', async (row) => {
  await heads.close();
  const change = async (value: Buffer | null) => {
    const rows = await openRows(folder);
    await rows.batch([{ key: Buffer.from(index), value }]);
    await rows.close();
  };
  await change(Buffer.from(row));
  await expect(openHeadStore(folder)).rejects.toMatchObject({ code: 'WALLET_DAMAGED' });
  await change(null);
  heads = await openHeadStore(folder);
});
