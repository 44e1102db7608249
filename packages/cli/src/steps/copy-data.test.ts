import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyData } from './copy-data.ts';

let folder = '';
let data = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-backup-'));
  data = join(folder, 'data');
  await mkdir(join(data, 'keys'), { recursive: true });
  await writeFile(join(data, 'keys/owner.key'), 'secret', { mode: 0o600 });
  await writeFile(join(data, 'admin.sock'), '');
});
afterEach(() => rm(folder, { recursive: true }));

test('copies everything but sockets, and only its owner may open the copy', async () => {
  await copyData(data, join(folder, 'a/b/copy'));
  expect(await readFile(join(folder, 'a/b/copy/keys/owner.key'), 'utf8')).toBe('secret');
  expect(await readdir(join(folder, 'a/b'))).toEqual(['copy']);
  expect(await readdir(join(folder, 'a/b/copy'))).toEqual(['keys']);
  expect((await stat(join(folder, 'a/b/copy'))).mode & 0o777).toBe(0o700);
});

test.each([
  ['', /the target is empty/],
  ['data', /is inside/],
  ['data/copy', /is inside/],
  ['data/deep/er/copy', /is inside/],
  ['data-link/copy', /is inside/],
  ['.', /contains .* itself/],
  ['file', /is a file/],
  ['full', /is not empty/],
])('refuses the target %j and leaves everything as it was', async (target, message) => {
  await writeFile(join(folder, 'file'), 'x');
  await mkdir(join(folder, 'full'));
  await writeFile(join(folder, 'full/x'), 'x');
  await symlink(data, join(folder, 'data-link'));
  const before = await readdir(folder, { recursive: true });
  const given = target === '' ? '' : join(folder, target);
  await expect(copyData(data, given)).rejects.toMatchObject({ code: 'USAGE', message: expect.stringMatching(message) });
  expect(await readdir(folder, { recursive: true })).toEqual(before);
});

test('accepts a folder whose name only begins like the data folder', async () => {
  await copyData(data, join(folder, 'data-2'));
  await copyData(data, join(folder, '..copy'));
  expect((await readdir(folder)).toSorted()).toEqual(['..copy', 'data', 'data-2']);
});

test('does not continue a copy that was interrupted', async () => {
  await mkdir(join(folder, 'copy.incomplete'));
  await writeFile(join(folder, 'copy.incomplete/half'), '');
  await expect(copyData(data, join(folder, 'copy'))).rejects.toMatchObject({ code: 'USAGE' });
});
