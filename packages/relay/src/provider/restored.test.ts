import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderParts, type FolderParts } from '@tributary/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKeys } from '../keys.ts';
import { applyRestoreMark, forgetRestoreMark, goLive, markRestored, readRestoreMark } from './restored.ts';

let folder = '';
let receiptKey = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-restored-'));
  receiptKey = (await openKeys(folder, randomBytes)).receipt.address;
});
afterEach(() => rm(folder, { recursive: true }));

/** As a start does: with the folder open. */
async function withParts<T>(step: (parts: FolderParts) => Promise<T>): Promise<T> {
  const parts = await openFolderParts(folder);
  try {
    return await step(parts);
  } finally {
    await parts.close();
  }
}
const apply = (store: Parameters<typeof applyRestoreMark>[2]) => withParts((parts) => applyRestoreMark(folder, parts, store));
const mark = () => markRestored(folder, 1, randomBytes);

/** A store whose `failAfter`-th change of visibility fails, as in a killed process. */
function storeOf(visibility: Record<string, 'listed' | 'private'>, failAfter = Infinity) {
  let changes = 0;
  return {
    indexes: () => Object.entries(visibility).map(([name, value]) => ({ name, visibility: value })),
    index: (name: string) => ({
      setVisibility: async (value: 'listed' | 'private') => {
        changes += 1;
        if (changes > failAfter) throw new Error('killed');
        visibility[name] = value;
      },
    }),
  };
}

test('a folder that was never restored is left alone', async () => {
  const indexes = { a: 'listed' } as const;
  expect(await apply(storeOf({ ...indexes }))).toBe(null);
  await expect(goLive(folder)).rejects.toMatchObject({ code: 'USAGE' });
});

test('a rehearsal has no receipt key of the original and lists nothing; when live it lists what was listed', async () => {
  const indexes: Record<string, 'listed' | 'private'> = { a: 'listed', b: 'private', c: 'listed' };
  await mark();
  expect((await openKeys(folder, randomBytes)).receipt.address).not.toBe(receiptKey);
  expect(await apply(storeOf(indexes))).toBe('rehearsal');
  expect(indexes).toEqual({ a: 'private', b: 'private', c: 'private' });
  expect(await apply(storeOf(indexes))).toBe('rehearsal');
  await goLive(folder);
  expect(await apply(storeOf(indexes))).toBe('live');
  await withParts((parts) => forgetRestoreMark(folder, parts));
  expect(indexes).toEqual({ a: 'listed', b: 'private', c: 'listed' });
  expect(await readRestoreMark(folder)).toBe(null);
});

test.each([0, 1, 2])('a kill after %i changes forgets no listed index', async (failAfter) => {
  const indexes: Record<string, 'listed' | 'private'> = { a: 'listed', b: 'listed' };
  await mark();
  await apply(storeOf(indexes, failAfter)).catch(() => undefined);
  expect(await apply(storeOf(indexes))).toBe('rehearsal');
  expect(indexes).toEqual({ a: 'private', b: 'private' });
  await goLive(folder);
  await apply(storeOf(indexes, failAfter)).catch(() => undefined);
  await apply(storeOf(indexes));
  expect(indexes).toEqual({ a: 'listed', b: 'listed' });
});

test('a mark that cannot be read stops the node', async () => {
  await writeFile(join(folder, 'restored.json'), '{"v":1');
  await expect(apply(storeOf({ a: 'listed' }))).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
});
