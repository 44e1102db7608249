import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openHeadStore, type HeadStore } from './heads.ts';

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
  expect(heads.get(index)).toBe(null);
  await heads.set(head(3));
  await heads.set(head(5));
  await heads.set({ ...head(1), index: `lakes@${'a'.repeat(32)}` });
  await heads.close();
  heads = await openHeadStore(folder);
  expect(heads.get(index)).toEqual(head(5));
  expect(heads.get(`lakes@${'a'.repeat(32)}`)?.size).toBe(1);
});

it('says so when another holds the folder', async () => {
  await expect(openHeadStore(folder)).rejects.toMatchObject({ code: 'WALLET_DAMAGED', message: expect.stringContaining(folder) });
});

it.each(['{', '{"index":"rivers","size":-1,"root":""}'])('refuses a row that cannot be read: %s', async (row) => {
  await heads.close();
  const rows = new ClassicLevel(folder);
  await rows.put(index, row);
  await rows.close();
  await expect(openHeadStore(folder)).rejects.toMatchObject({ code: 'WALLET_DAMAGED' });
  await rows.open();
  await rows.clear();
  await rows.close();
  heads = await openHeadStore(folder);
});
