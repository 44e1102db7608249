import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readTls } from './tls.ts';

it('refuses half a pair, missing files, and files that do not match', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-tls-'));
  const text = join(folder, 'text.pem');
  await writeFile(text, 'nope');
  expect(await readTls(undefined, undefined)).toBeNull();
  await expect(readTls(text, undefined)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('go together'),
  });
  await expect(readTls(join(folder, 'none'), text)).rejects.toMatchObject({ message: expect.stringContaining('ENOENT') });
  await expect(readTls(text, text)).rejects.toMatchObject({ message: expect.stringContaining('PEM') });
  await rm(folder, { recursive: true });
});
