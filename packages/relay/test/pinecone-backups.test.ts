// Backups of own indexes, and indexes made from them: the same records, whatever is written or stopped meanwhile.
import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, openStore, type Index } from '@tributary/store';
import { expect, it, onTestFinished } from 'vitest';
import { createOwnIndexes } from '../src/own/own-indexes.ts';
import { openBackups, type Backups } from '../src/pinecone/backups/backups.ts';
import { backupRow, restoreRow } from '../src/pinecone/backups/types.ts';
import { backupsMax } from '../src/pinecone/limits.ts';
import { createWriter, openTable } from '../src/rows/rows.ts';
import { openWriterKeys } from '../src/writers/writer-keys.ts';
import { openPineconeGateway } from './support/pinecone.ts';

const RECORDS = 2_500;

async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-backups-'));
  const store = await openStore({ directory: join(folder, 'store'), owner: { seed: new Uint8Array(32).fill(7) } });
  const own = createOwnIndexes(
    {
      store,
      embedder: {} as never,
      writers: await openWriterKeys(join(folder, 'writers'), randomBytes, { noteKeys: async () => undefined }),
      createIndex: (index) => store.createIndex(index),
      deleteIndex: (name) => store.removeIndex(name),
      ingestOptions: () => ({}),
    },
    join(folder, 'uploads'),
  );
  const index = await store.createIndex({ name: 'own', dimension: 3, metric: 'euclidean', model: null, title: 'Own' });
  const [directory, path] = [join(folder, 'backups'), join(folder, 'db')];
  let ids = 0;
  let now = 1_790_000_000_000;
  const start = async () => {
    const database = await openDatabase(path);
    const backups = await openBackups({
      directory,
      own,
      backups: await openTable(database, 'backup', backupRow),
      restores: await openTable(database, 'restore', restoreRow),
      write: createWriter(database),
      readOnly: false,
      now: () => (now += 1),
      randomId: () => String((ids += 1)).padStart(4, '0'),
    });
    const stop = async () => {
      await backups.close();
      await database.close();
    };
    return { backups, stop };
  };
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { store, index, start, directory, database: path };
}

const asked = { name: null, description: null };
const ready = (backups: Backups, id: string) =>
  expect.poll(() => backups.get(id).status, { timeout: 60_000 }).not.toBe('Initializing');
const ended = (backups: Backups, id: string) =>
  expect.poll(() => backups.restoring(id).status, { timeout: 60_000 }).not.toBe('InProgress');

async function fill(index: Index): Promise<void> {
  const source = {
    document: 'a.md',
    uri: null,
    title: 'A',
    context: '',
    start: 0,
    end: 3,
    page: null,
    pageEnd: null,
    sha256: 'ab'.repeat(32),
  };
  await index.upsert([
    { id: 'whole', vector: Float32Array.of(0.1, 0.2, 0.3), text: 'über', metadata: { a: ['x'] }, licence: 'CC0', source },
    { id: 'whole', namespace: 'n', vector: Float32Array.of(1, 2, 3), sell: 'never' },
  ]);
  for (let at = 0; at < RECORDS; at += 500)
    await index.upsert(Array.from({ length: 500 }, (_, more) => ({ id: `r${at + more}`, vector: Float32Array.of(at, more, 1) })));
}

/** Everything that a caller can read of an index, but for the place in its log. */
async function contentOf(index: Index): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const namespace of Object.keys((await index.stats()).namespaces).toSorted()) {
    for (let after: string | null | undefined; after !== null;) {
      const page = await index.list({ namespace, limit: 100, ...(after === undefined ? {} : { after }) });
      for (const { version: _, ...record } of await index.fetch(page.ids, namespace)) all.push(record);
      after = page.next;
    }
  }
  return all;
}

it('a backup has the records of one snapshot, and an index that is made from it is the same', async () => {
  const { store, index, start, directory } = await open();
  await fill(index);
  const before = await contentOf(index);
  const { backups, stop } = await start();
  const { id } = await backups.make(index.info(), { name: 'nightly', description: null });
  // Once there is a file, the snapshot has been taken.
  await expect.poll(() => readdir(directory), { interval: 1 }).not.toEqual([]);
  await index.delete({ all: true });
  await index.upsert([{ id: 'later', vector: Float32Array.of(1, 1, 1) }]);
  await ready(backups, id);
  expect(backups.get(id)).toMatchObject({ status: 'Ready', name: 'nightly', content: { records: RECORDS + 2, namespaces: 2 } });
  const { id: job, target } = await backups.restore(id, { name: 'again', tags: { a: 'b' }, protected: true });
  await ended(backups, job);
  expect(backups.restoring(job)).toMatchObject({ status: 'Completed', records: RECORDS + 2, of: RECORDS + 2 });
  const again = store.index(target.id);
  expect(await contentOf(again)).toEqual(before);
  expect(again.info()).toMatchObject({ metric: 'euclidean', title: 'Own', tags: { a: 'b' }, protected: true });
  await stop();
}, 120_000);

it.each(['sparse', 'both'] as const)('an index of vectors that are %s keeps them', async (vectors) => {
  const { store, start } = await open();
  const dimension = vectors === 'sparse' ? 0 : 2;
  const index = await store.createIndex({ name: 'other', dimension, metric: 'dotproduct', model: null, vectors });
  const sparse = { indices: Uint32Array.of(1, 7), values: Float32Array.of(0.5, 0.25) };
  await index.upsert([{ id: 'a', sparse, ...(vectors === 'sparse' ? {} : { vector: Float32Array.of(1, 2) }) }]);
  const { backups, stop } = await start();
  const { id } = await backups.make(index.info(), asked);
  await ready(backups, id);
  const { id: job, target } = await backups.restore(id, { name: 'again', tags: undefined, protected: false });
  await ended(backups, job);
  expect(await contentOf(store.index(target.id))).toEqual(await contentOf(index));
  expect(store.index(target.id).info()).toMatchObject({ vectors, dimension });
  await stop();
});

it('jobs that a stop interrupts begin again at the next start', async () => {
  const { store, index, start, directory } = await open();
  await fill(index);
  const first = await start();
  const { id } = await first.backups.make(index.info(), asked);
  await first.stop();
  await writeFile(join(directory, `${id}.making`), 'half');
  const second = await start();
  await ready(second.backups, id);
  expect([second.backups.get(id).status, await readdir(directory)]).toEqual(['Ready', [id]]);
  const { id: job, target } = await second.backups.restore(id, { name: 'again', tags: undefined, protected: false });
  await second.stop();
  const third = await start();
  await ended(third.backups, job);
  expect(third.backups.restoring(job).status).toBe('Completed');
  expect(await contentOf(store.index(target.id))).toEqual(await contentOf(index));
  await third.backups.remove(id);
  expect([third.backups.all(), await readdir(directory)]).toEqual([[], []]);
  await third.stop();
}, 120_000);

it('a file that was changed is not restored, and an index that is gone has no backup', async () => {
  const { store, index, start, directory } = await open();
  await fill(index);
  const { backups, stop } = await start();
  const { id } = await backups.make(index.info(), asked);
  await ready(backups, id);
  await appendFile(join(directory, id), '{}\n');
  const { id: job, target } = await backups.restore(id, { name: 'again', tags: undefined, protected: false });
  await ended(backups, job);
  expect([backups.restoring(job).status, store.index(target.id).info().records]).toEqual(['Failed', 0]);
  const info = index.info();
  await store.removeIndex('own');
  const late = await backups.make(info, asked);
  await ready(backups, late.id);
  expect(backups.get(late.id).status).toBe('Failed');
  await expect(backups.restore(late.id, { name: 'none', tags: undefined, protected: false })).rejects.toMatchObject({
    code: 'NOT_ALLOWED',
  });
  await stop();
}, 120_000);

it(`a node keeps at most ${backupsMax} backups`, async () => {
  const { index, start, database } = await open();
  const first = await start();
  const row = await first.backups.make(index.info(), asked);
  await first.stop();
  const db = await openDatabase(database);
  const table = await openTable(db, 'backup', backupRow);
  const failed = Array.from({ length: backupsMax - 2 }, (_, at) => ({ ...row, id: `backup-f${at}`, status: 'Failed' as const }));
  await createWriter(db)(failed.map((one) => table.put(one.id, one)));
  await db.close();
  const { backups, stop } = await start();
  await backups.make(index.info(), asked);
  await expect(backups.make(index.info(), asked)).rejects.toMatchObject({ code: 'WRITE_TOO_LARGE' });
  await stop();
});

it('lists go by pages, the newest first', async () => {
  const { gateway, store, call } = await openPineconeGateway();
  onTestFinished(() => gateway.close());
  await store.createIndex({ name: 'own', dimension: 3, metric: 'cosine', model: null });
  const made: string[] = [];
  for (let at = 0; at < 3; at += 1) made.push((await call('POST /indexes/own/backups', {})).body!['backup_id'] as string);
  const seen: string[] = [];
  for (let next: string | undefined = ''; next !== undefined;) {
    const reply = await call(`GET /backups?limit=2${next === '' ? '' : `&paginationToken=${next}`}`);
    const { data, pagination } = reply.body as { data: { backup_id: string }[]; pagination?: { next: string } };
    seen.push(...data.map((one) => one.backup_id));
    next = pagination?.next;
  }
  expect(new Set(seen)).toEqual(new Set(made));
  expect(await call('GET /indexes/none/backups')).toMatchObject({ status: 200, body: { data: [] } });
  expect(await call('POST /indexes/none/backups', {})).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  expect(await call('POST /indexes/own/backups', { schedule: 1 })).toMatchObject({ status: 400 });
});
