import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openKeyFile } from './key-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (length: number) => new Uint8Array(length).fill(7);

it('creates a key once, with mode 0600, and finds it again', async () => {
  const path = join(folder, 'keys', 'a.key');
  const first = await openKeyFile(path, bytes);
  const again = await openKeyFile(path, () => {
    throw new Error('must not be asked for randomness again');
  });
  expect(Buffer.from(again)).toEqual(Buffer.from(first));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, 'keys'))).toEqual(['a.key']);
  expect(await readFile(path, 'utf8')).toBe(`${'07'.repeat(32)}\n`);
});

it('refuses a key that others may read, because it may be known to them', async () => {
  const path = join(folder, 'a.key');
  await openKeyFile(path, bytes);
  await chmod(path, 0o644);
  await expect(openKeyFile(path, bytes)).rejects.toMatchObject({ code: 'KEY_FILE' });
});

it.each(['', 'ab', `${'07'.repeat(32)}`, `${'0G'.repeat(32)}\n`])(
  'refuses the damaged file %j instead of making a new key',
  async (text) => {
    const path = join(folder, 'a.key');
    await writeFile(path, text, { mode: 0o600 });
    await expect(openKeyFile(path, bytes)).rejects.toMatchObject({ code: 'KEY_FILE' });
  },
);

it('gives all processes that start at once the same key', async () => {
  const path = join(folder, 'keys', 'a.key');
  let made = 0;
  const own = (length: number) => new Uint8Array(length).fill((made += 1));
  const keys = await Promise.allSettled(Array.from({ length: 8 }, () => openKeyFile(path, own)));
  const kept = Buffer.from(await openKeyFile(path, bytes)).toString('hex');
  for (const key of keys) {
    if (key.status === 'fulfilled') expect(Buffer.from(key.value).toString('hex')).toBe(kept);
    else expect(key.reason).toMatchObject({ code: 'KEY_FILE' });
  }
  expect(await readdir(join(folder, 'keys'))).toEqual(['a.key']);
});

it('reports that a key could not be written', async () => {
  await writeFile(join(folder, 'keys'), 'a file where the folder should be');
  await expect(openKeyFile(join(folder, 'keys', 'a.key'), bytes)).rejects.toMatchObject({ code: 'KEY_FILE' });
});
