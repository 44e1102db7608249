import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ed25519PublicKey } from '@tributary/proof/primitives';
import { didFromPublicKey } from '@tributary/proof/statements';
import { expect, onTestFinished, test } from 'vitest';
import { openFolderKeys, openFolderParts } from '@tributary/runtime';
import { openWriterKeys } from './writer-keys.ts';

test('keys of writers are files of mode 0600 that a restart finds; one that others may read is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-writers-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const directory = join(folder, 'keys', 'writers');
  const noted = { noteKeys: async () => undefined };
  const keys = await openWriterKeys(directory, randomBytes, noted);
  const made = [await keys.create(), await keys.create()];
  const names = await readdir(directory);
  expect(names).toHaveLength(2);
  for (const name of names) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  await writeFile(join(directory, `${names[0]}.1234.new`), 'half');
  const again = await openWriterKeys(directory, randomBytes, noted);
  expect(again.list().toSorted()).toEqual(made.toSorted());
  const { did, seed } = again.find(made[0]!)!;
  expect(didFromPublicKey(ed25519PublicKey(seed))).toBe(did);
  expect(again.find('did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK')).toBeUndefined();
  await chmod(join(directory, names[1]!), 0o644);
  await expect(openWriterKeys(directory, randomBytes, noted)).rejects.toMatchObject({ code: 'KEY_FILE' });
});

test('a key of a writer that is missing, or another one, is missed when the folder is opened', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-writers-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const open = () => openFolderKeys(folder, { keys: ['owner'], holds: [] }, randomBytes);
  await open();
  const parts = await openFolderParts(folder);
  const directory = join(folder, 'keys', 'writers');
  const keys = await openWriterKeys(directory, randomBytes, parts);
  await keys.create();
  await parts.close();
  const [name] = await readdir(directory);
  const text = await readFile(join(directory, name!), 'utf8');
  await rm(join(directory, name!));
  await expect(open()).rejects.toMatchObject({ code: 'KEY_FILE', message: expect.stringContaining(name!) as string });
  await writeFile(join(directory, name!), `${'0'.repeat(64)}\n`, { mode: 0o600 });
  await expect(open()).rejects.toMatchObject({ code: 'KEY_FILE' });
  await writeFile(join(directory, name!), text);
  await open();
});
