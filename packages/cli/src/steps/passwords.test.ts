import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readPasswords } from './passwords.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-passwords-'));
});
afterEach(() => rm(folder, { recursive: true }));
const fileOf = async (content: string): Promise<string> => {
  await writeFile(join(folder, 'passwords.txt'), content);
  return join(folder, 'passwords.txt');
};

it('come one a line, from the file if there is one, else from the environment', async () => {
  const env = { TRIBUTARY_PASSWORDS: 'a\n\nb c ' };
  expect(await readPasswords(undefined, env)).toEqual(['a', 'b c ']);
  expect(await readPasswords(await fileOf('d\r\ne\r\n'), env)).toEqual(['d', 'e']);
  expect(await readPasswords(undefined, {})).toEqual([]);
});

it('are refused when there are too many, or the file cannot be read', async () => {
  const lines = (count: number) => fileOf('x\n'.repeat(count));
  expect(await readPasswords(await lines(100), {})).toHaveLength(100);
  await expect(readPasswords(await lines(101), {})).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('101'),
  });
  await expect(readPasswords(join(folder, 'none'), {})).rejects.toMatchObject({ code: 'USAGE' });
});
