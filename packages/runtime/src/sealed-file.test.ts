import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseSealed, readSealed, sealNext, writeSealed } from './sealed-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-sealed-'));
  path = join(folder, 'policy.json');
});
afterEach(() => rm(folder, { recursive: true }));

const value = { price: '95', allow: ['a', 'b'], note: 'täglich 25 mg' };

it('reads what was written, in any spelling of the same value', async () => {
  await writeSealed(path, { version: 7, value });
  expect(await readSealed(path)).toEqual({ version: 7, value });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await writeFile(path, JSON.stringify(JSON.parse(await readFile(path, 'utf8'))));
  expect(await readSealed(path)).toEqual({ version: 7, value });
});

it('has no value where there is no file', async () => {
  expect(await readSealed(path)).toBe(null);
});

it('counts versions, and leaves a damaged file to whoever restores it', async () => {
  await sealNext(path, 1);
  await sealNext(path, 2);
  expect(await readSealed(path)).toEqual({ version: 2, value: 2 });
  await writeFile(path, '{');
  await expect(sealNext(path, 3)).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  expect(await readFile(path, 'utf8')).toBe('{');
  expect(await readdir(folder)).toEqual(['policy.json']);
});

it('never reads another value when one bit was changed', async () => {
  await writeSealed(path, { version: 7, value });
  const bytes = await readFile(path);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect([null, { version: 7, value }]).toContainEqual(parseSealed(changed)); // the value, where it was a white space
  }
});

it.each(['', '{}', 'null', '{"version":1,"checksum":"x","value":1}'])('refuses %s', async (text) => {
  await writeFile(path, text);
  await expect(readSealed(path)).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
});
