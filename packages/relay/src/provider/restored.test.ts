import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyRestoreMark, forgetRestoreMark, goLive, markRestored, readRestoreMark } from './restored.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-restored-'));
  await mkdir(join(folder, 'keys'));
  await writeFile(join(folder, 'keys/receipt.key'), 'old');
});
afterEach(() => rm(folder, { recursive: true }));

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
  expect(await applyRestoreMark(folder, storeOf({ ...indexes }))).toBe(null);
  await expect(goLive(folder)).rejects.toMatchObject({ code: 'USAGE' });
});

test('a rehearsal has no receipt key of the original and lists nothing; when live it lists what was listed', async () => {
  const indexes: Record<string, 'listed' | 'private'> = { a: 'listed', b: 'private', c: 'listed' };
  await markRestored(folder, 1);
  await expect(access(join(folder, 'keys/receipt.key'))).rejects.toThrow();
  expect(await applyRestoreMark(folder, storeOf(indexes))).toBe('rehearsal');
  expect(indexes).toEqual({ a: 'private', b: 'private', c: 'private' });
  expect(await applyRestoreMark(folder, storeOf(indexes))).toBe('rehearsal');
  await goLive(folder);
  expect(await applyRestoreMark(folder, storeOf(indexes))).toBe('live');
  await forgetRestoreMark(folder);
  expect(indexes).toEqual({ a: 'listed', b: 'private', c: 'listed' });
  expect(await readRestoreMark(folder)).toBe(null);
});

test.each([0, 1, 2])('a kill after %i changes forgets no listed index', async (failAfter) => {
  const indexes: Record<string, 'listed' | 'private'> = { a: 'listed', b: 'listed' };
  await markRestored(folder, 1);
  await applyRestoreMark(folder, storeOf(indexes, failAfter)).catch(() => undefined);
  expect(await applyRestoreMark(folder, storeOf(indexes))).toBe('rehearsal');
  expect(indexes).toEqual({ a: 'private', b: 'private' });
  await goLive(folder);
  await applyRestoreMark(folder, storeOf(indexes, failAfter)).catch(() => undefined);
  await applyRestoreMark(folder, storeOf(indexes));
  expect(indexes).toEqual({ a: 'listed', b: 'listed' });
});

test('a mark that cannot be read stops the node', async () => {
  await writeFile(join(folder, 'restored.json'), '{"v":1');
  await expect(applyRestoreMark(folder, storeOf({ a: 'listed' }))).rejects.toMatchObject({ code: 'CONFIG' });
});
