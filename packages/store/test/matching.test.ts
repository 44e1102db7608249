// Records by their metadata: pages, changes of many records, and the owner's labels of the index.
import type { Metadata } from '@tributary/schemas';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../src/index.ts';
import type { Index, NewIndex, Store } from '../src/types.ts';
import { DIMENSION, OWNER, requestOf, temporaryFolder, vectorOf } from './_helpers.ts';

async function open(directory: string): Promise<Store> {
  const store = await openStore({ directory, owner: OWNER });
  onTestFinished(() => store.close());
  return store;
}

async function openIndex(more: Partial<NewIndex> = {}): Promise<{ store: Store; index: Index; directory: string }> {
  const directory = await temporaryFolder();
  const store = await open(directory);
  const index = await store.createIndex({ name: 'rivers', dimension: DIMENSION, metric: 'cosine', model: null, ...more });
  return { store, index, directory };
}

const fill = (index: Index, count: number, namespace = '') =>
  index.upsert(
    Array.from({ length: count }, (_, at) => ({
      id: `r${at}`,
      namespace,
      vector: vectorOf(`v ${at}`),
      metadata: { even: at % 2 === 0, at } as Metadata,
    })),
  );

it('pages of records by metadata hold each of them once, within the namespace', async () => {
  const { index } = await openIndex();
  await fill(index, 25);
  await fill(index, 9, 'other');
  const seen: string[] = [];
  let after: number | null = null;
  do {
    const page = await index.fetchMatching({ filter: { even: true }, limit: 5, after });
    seen.push(...page.records.map(({ id }) => id));
    after = page.next;
  } while (after !== null);
  expect(seen).toEqual(Array.from({ length: 13 }, (_, at) => `r${2 * at}`));
  const whole = await index.fetchMatching({ filter: { even: true }, limit: 13 });
  expect([whole.records.length, whole.next]).toEqual([13, null]);
  expect(whole.records[1]).toMatchObject({ id: 'r2', metadata: { at: 2 }, vector: vectorOf('v 2') });
  for (const limit of [0, 10_001, 1.5])
    await expect(index.fetchMatching({ filter: {}, limit })).rejects.toMatchObject({ code: 'RECORD_INVALID' });
  expect((await index.fetchMatching({ filter: {}, limit: 10_000 })).records).toHaveLength(25);
  await expect(index.fetchMatching({ filter: { a: { $x: 1 } }, limit: 1 })).rejects.toMatchObject({ code: 'FILTER_INVALID' });
});

it('an update by filter changes what matches, in several writes, also when it no longer matches then', async () => {
  const { index } = await openIndex();
  for (const part of ['a', 'b', 'c'])
    await index.upsert(
      Array.from({ length: 800 }, (_, at) => ({ id: `${part}${at}`, vector: vectorOf('v'), metadata: { state: 'new', part } })),
    );
  const change = { filter: { state: 'new', part: { $ne: 'c' } }, setMetadata: { state: 'seen', by: ['x'] } };
  const before = (await index.stats()).sequence;
  expect(await index.updateMatching({ ...change, dryRun: true })).toEqual({ sequence: before, count: 1_600 });
  expect((await index.fetch(['a1']))[0]!.metadata).toEqual({ state: 'new', part: 'a' });
  expect(await index.updateMatching(change)).toEqual({ sequence: before + 2, count: 1_600 });
  expect((await index.fetch(['a1']))[0]!.metadata).toEqual({ state: 'seen', part: 'a', by: ['x'] });
  expect((await index.fetchMatching({ filter: { state: 'new' }, limit: 10_000 })).records).toHaveLength(800);
  expect(await index.updateMatching(change)).toEqual({ sequence: before + 2, count: 0 });
  await expect(index.updateMatching({ filter: { no: 1 }, setMetadata: { $a: 1 } })).rejects.toMatchObject({
    code: 'METADATA_INVALID',
  });
});

it("the owner's search has as many results as it asks for", async () => {
  const { index } = await openIndex();
  await fill(index, 1_000);
  await index.upsert([{ id: 'more', vector: vectorOf('more') }]);
  const parsed = { ...requestOf(index.info().id, { mode: 'dense', minRelevance: 0 }), topK: 5_000 };
  expect((await index.search({ parsed }, { topKMax: 10_000 })).records).toHaveLength(1_001);
  expect((await index.search({ parsed })).records).toHaveLength(1_000);
});

it('a protected index is not removed; its labels come back after a restart', async () => {
  const { store, index, directory } = await openIndex({ tags: { team: 'a' }, protected: true, attributes: { api: '{}' } });
  await expect(store.removeIndex('rivers')).rejects.toMatchObject({ code: 'INDEX_PROTECTED' });
  await index.setCard({ tags: { team: 'b', more: '' } });
  await store.close();
  const again = await open(directory);
  expect(again.indexes()).toMatchObject([{ tags: { team: 'b', more: '' }, protected: true, attributes: { api: '{}' } }]);
  await expect(again.index('rivers').setCard({ attributes: { a: 'x'.repeat(65_537) } })).rejects.toMatchObject({
    code: 'RECORD_INVALID',
  });
  const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`t${at}`, '']));
  await again.index('rivers').setCard({ tags: tags(64), attributes: { a: 'x'.repeat(65_536), ...tags(15) } });
  for (const card of [{ tags: tags(65) }, { attributes: tags(17) }])
    await expect(again.index('rivers').setCard(card)).rejects.toMatchObject({ code: 'RECORD_INVALID' });
  await again.index('rivers').setCard({ protected: false });
  await again.removeIndex('rivers');
  expect(again.indexes()).toEqual([]);
});

it('keys of metadata are removed, from one record, from several in one write, and from all that match', async () => {
  const { index } = await openIndex();
  await fill(index, 4);
  const before = (await index.stats()).sequence;
  const changes = [
    { id: 'r0', setMetadata: { more: 'x' }, removeMetadata: ['even', 'none'] },
    { id: 'r1', removeMetadata: ['at'] },
    { id: 'nobody', removeMetadata: ['at'] },
    // A later change of the same record sees the one before.
    { id: 'r0', setMetadata: { even: false }, removeMetadata: ['more'] },
  ];
  expect(await index.update(changes)).toEqual({ sequence: before + 1, count: 2 });
  const metadata = async () => (await index.fetch(['r0', 'r1', 'r2', 'r3'])).map((record) => record.metadata);
  expect(await metadata()).toEqual([{ at: 0, even: false }, { even: false }, { even: true, at: 2 }, { even: false, at: 3 }]);
  const change = { filter: { even: false }, setMetadata: { odd: true }, removeMetadata: ['even', 'at'] };
  expect(await index.updateMatching(change)).toMatchObject({ count: 3 });
  expect(await metadata()).toEqual([{ odd: true }, { odd: true }, { even: true, at: 2 }, { odd: true }]);
});
