import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openDatabase, type DiskReader } from './database.ts';
import { recordKey, recordRange } from './keys.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tributary-database-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

it('shows a snapshot the content at the time it was taken', async () => {
  const database = await openDatabase(await folder());
  await database.batch([{ key: recordKey(1), value: Buffer.from('old') }]);
  const snapshot = database.snapshot();
  await database.batch([
    { key: recordKey(1), value: null },
    { key: recordKey(2), value: Buffer.from('new') },
  ]);
  expect(snapshot.get(recordKey(1))?.toString()).toBe('old');
  const values = async (reader: DiskReader): Promise<string[]> => {
    const found = [];
    for await (const [, value] of reader.scan(recordRange)) found.push(value.toString());
    return found;
  };
  expect(await values(snapshot)).toEqual(['old']);
  expect(await values(database)).toEqual(['new']);
  snapshot.close();
  await database.close();
});

it('keeps a held snapshot readable after it is closed, and purges when it is gone', async () => {
  const path = await folder();
  const database = await openDatabase(path);
  await database.batch([{ key: recordKey(1), value: Buffer.from('xylophone-quagmire') }]);
  const snapshot = database.snapshot();
  await database.batch([{ key: recordKey(1), value: null }]);
  const release = snapshot.hold();
  snapshot.close();
  let compacted = false;
  const compacting = database.purge(() => undefined).then(() => (compacted = true));
  expect(snapshot.get(recordKey(1))?.toString()).toBe('xylophone-quagmire');
  expect(compacted).toBe(false);
  release();
  await compacting;
  await database.close();
  const files = await Promise.all((await readdir(path)).map((name) => readFile(join(path, name), 'latin1')));
  expect(files.some((text) => text.includes('quagmire'))).toBe(false);
});

it('can be opened once; a second opening is refused', async () => {
  const path = await folder();
  const database = await openDatabase(path);
  await expect(openDatabase(path)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
  await database.close();
  await (await openDatabase(path)).close();
});
