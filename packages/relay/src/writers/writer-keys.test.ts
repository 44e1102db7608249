import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ed25519PublicKey } from '@tributary/proof/primitives';
import { didFromPublicKey } from '@tributary/proof/statements';
import { expect, onTestFinished, test } from 'vitest';
import { openWriterKeys } from './writer-keys.ts';

test('keys of writers are files of mode 0600 that a restart finds; one that others may read is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-writers-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const directory = join(folder, 'keys', 'writers');
  const keys = await openWriterKeys(directory, randomBytes);
  const made = [await keys.create(), await keys.create()];
  const names = await readdir(directory);
  expect(names).toHaveLength(2);
  for (const name of names) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  await writeFile(join(directory, `${names[0]}.1234.new`), 'half');
  const again = await openWriterKeys(directory, randomBytes);
  expect(again.list().toSorted()).toEqual(made.toSorted());
  const { did, seed } = again.find(made[0]!)!;
  expect(didFromPublicKey(ed25519PublicKey(seed))).toBe(did);
  expect(again.find('did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK')).toBeUndefined();
  await chmod(join(directory, names[1]!), 0o644);
  await expect(openWriterKeys(directory, randomBytes)).rejects.toMatchObject({ code: 'KEY_FILE' });
});
