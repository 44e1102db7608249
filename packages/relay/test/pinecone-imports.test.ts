// Bulk import: which files it may read, and what becomes of an import that is stopped, cancelled or wrong.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { openDatabase, openStore } from '@tributary/store';
import { expect, it, onTestFinished } from 'vitest';
import { openImports, type Imports } from '../src/pinecone/imports/imports.ts';
import { createFolderPlace } from '../src/pinecone/imports/folder-place.ts';
import { importRow, type ImportPlace } from '../src/pinecone/imports/types.ts';
import { createWriter, openTable } from '../src/rows/rows.ts';

const vectorOf = (at: number) => Float32Array.of(at + 1, 1);

/** Each file is a number of pages of ten records; `wrong` ones have a record that cannot be read. */
function reader(pages: number, wrong = false): ImportPlace['read'] {
  return async function* (path, signal) {
    for (let page = 0; page < pages; page += 1) {
      await sleep(5, undefined, { signal });
      const records = Array.from({ length: 10 }, (_, at) => ({ id: `${path.at(-9)}${page}-${at}`, vector: vectorOf(at) }));
      yield { records, refused: wrong ? ['row 3: it has no id'] : [] };
    }
  };
}

async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-imports-'));
  const imports = join(folder, 'imports');
  await mkdir(join(imports, 'films', 'deep'), { recursive: true });
  for (const file of ['a.parquet', 'films/b.parquet', 'films/c.parquet', 'films/deep/d.parquet', 'films/e.txt'])
    await writeFile(join(imports, file), '');
  await writeFile(join(folder, 'secret.parquet'), '');
  await symlink(join(folder, 'secret.parquet'), join(imports, 'films', 'link.parquet'));
  await symlink(folder, join(imports, 'up'));
  const store = await openStore({ directory: join(folder, 'store'), owner: { seed: new Uint8Array(32).fill(7) } });
  const index = await store.createIndex({ name: 'own', dimension: 2, metric: 'cosine', model: null });
  const own = { index: () => index } as never;
  const start = async (read: ImportPlace['read'] | null) => {
    const database = await openDatabase(join(folder, 'db'));
    const table = await openTable(database, 'import', importRow);
    const places = read === null ? [] : [createFolderPlace(imports, read)];
    const opened = openImports({ own, places, table, write: createWriter(database), readOnly: false, now: Date.now });
    const stop = async () => {
      await opened.close();
      await database.close();
    };
    return { imports: opened, stop };
  };
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { index, start, folder, uri: (path = '') => pathToFileURL(join(imports, path)).href };
}

const asked = (uri: string, onError: 'continue' | 'abort' = 'continue') => ({ uri, onError });
const id = (index: { info(): { id: string } }) => index.info().id;
const ended = (imports: Imports, index: string, name: string) =>
  expect.poll(() => imports.get(index, name).status, { timeout: 60_000 }).not.toBe('InProgress');

it('reads what is in the folder, by namespace, and nothing else', async () => {
  const { index, start, folder, uri } = await open();
  const { imports, stop } = await start(reader(1));
  const row = await imports.begin(index.info(), null, asked(uri()));
  await ended(imports, id(index), row.id);
  expect(imports.get(id(index), row.id)).toMatchObject({ status: 'Completed', records: 30, percent: 100 });
  expect((await index.stats()).namespaces).toEqual({ '': 10, films: 20 });
  const one = await imports.begin(index.info(), null, asked(uri('films/b.parquet')));
  await ended(imports, id(index), one.id);
  expect(imports.get(id(index), one.id)).toMatchObject({ status: 'Completed', records: 10 });
  const outside = [uri('../secret.parquet'), uri('up/secret.parquet'), uri('films/link.parquet'), uri('none'), 'file:///etc'];
  for (const address of [...outside, 'file:///%00', 's3://bucket/films', pathToFileURL(folder).href, '/etc'])
    await expect(imports.begin(index.info(), null, asked(address)), address).rejects.toMatchObject({ code: 'INPUT_SHAPE' });
  const empty = await imports.begin(index.info(), null, asked(uri('films/e.txt')));
  await ended(imports, id(index), empty.id);
  expect(imports.get(id(index), empty.id)).toMatchObject({ status: 'Failed', error: 'there are no Parquet files' });
  await stop();
});

it('is refused where the node has no folder for it', async () => {
  const { index, start, uri } = await open();
  const { imports, stop } = await start(null);
  await expect(imports.begin(index.info(), null, asked(uri()))).rejects.toMatchObject({
    code: 'INPUT_SHAPE',
    message: expect.stringContaining('--imports PLACE'),
  });
  await stop();
});

it('leaves out what cannot be read, or ends with it; what the index refuses ends it', async () => {
  const { index, start, uri } = await open();
  const { imports, stop } = await start(reader(1, true));
  for (const [onError, expected] of [
    ['continue', { status: 'Completed', records: 10, error: null }],
    ['abort', { status: 'Failed', records: 0, error: 'row 3: it has no id' }],
  ] as const) {
    const row = await imports.begin(index.info(), null, asked(uri('a.parquet'), onError));
    await ended(imports, id(index), row.id);
    expect(imports.get(id(index), row.id)).toMatchObject(expected);
  }
  await stop();
  const second = await start(async function* () {
    yield { records: [{ id: 'x', vector: Float32Array.of(1, 2, 3) }], refused: [] };
  });
  const row = await second.imports.begin(index.info(), null, asked(uri('a.parquet')));
  await ended(second.imports, id(index), row.id);
  expect(second.imports.get(id(index), row.id)).toMatchObject({ status: 'Failed', error: expect.stringContaining('3') });
  await second.stop();
});

it('begins again after a stop, and not after it was cancelled', async () => {
  const { index, start, uri } = await open();
  const first = await start(reader(40));
  const kept = await first.imports.begin(index.info(), null, asked(uri('a.parquet')));
  const dropped = await first.imports.begin(index.info(), null, asked(uri('films/b.parquet')));
  await expect.poll(() => first.imports.get(id(index), dropped.id).records, { timeout: 60_000 }).toBeGreaterThan(0);
  await first.imports.cancel(id(index), dropped.id);
  await first.stop();
  const { imports, stop } = await start(reader(40));
  await ended(imports, id(index), kept.id);
  expect(imports.of(id(index)).map(({ status }) => status)).toEqual(['Completed', 'Cancelled']);
  expect((await index.stats()).records).toBeGreaterThanOrEqual(400);
  expect(() => imports.get('other@00', kept.id)).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }));
  await stop();
});
