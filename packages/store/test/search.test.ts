// What an owner finds in its own index, compared with the answer to the same question.
import { expect, test } from 'vitest';
import { openStore } from '../src/store.ts';
import { DIMENSION, OWNER, records, requestOf, temporaryFolder, toyEmbedder, wholeOf } from './_helpers.ts';

async function filled() {
  const store = await openStore({ directory: await temporaryFolder(), owner: OWNER, embedder: toyEmbedder() });
  const index = await store.createIndex({ name: 'rivers', dimension: DIMENSION, metric: 'cosine', model: toyEmbedder().card });
  await index.upsert(records(40));
  return { store, index };
}

test.each(['hybrid', 'dense', 'bm25'] as const)('a search finds what the owner is answered with: %s', async (mode) => {
  const { store, index } = await filled();
  const parsed = requestOf(index.info().id, { mode, topK: 7 });
  const outcome = await index.answer({ parsed }, { client: 'owner', topKMax: 1_000 });
  const found = await index.search({ parsed });
  const answered = wholeOf(outcome).results.map(({ shown, score, dense, bm25, relevance }) => ({
    id: shown.id.value,
    text: shown.text.value,
    numbers: { score, dense, bm25, relevance },
  }));
  expect(
    found.records.map(({ id, text, score, components, relevance }) => ({
      id,
      text,
      numbers: { score, ...components, relevance },
    })),
  ).toEqual(answered);
  expect(found).toMatchObject({ snapshot: outcome.snapshot });
  expect(found.records[0]).toMatchObject({ signer: index.info().provider, custody: 'self', author: null, sell: 'full' });
  await store.close();
});

test('a search finds what is not for sale, and refuses a question for another index', async () => {
  const { store, index } = await filled();
  await index.upsert([{ ...records(1, 'secret')[0]!, sell: 'never' }]);
  const parsed = requestOf(index.info().id, { mode: 'bm25', text: 'secret0', vector: null });
  expect((await index.search({ parsed })).records.map(({ id }) => id)).toContain('secret0');
  const other = { ...parsed, index: `other@${'0'.repeat(32)}` };
  await expect(index.search({ parsed: other })).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
  await store.close();
});

test('a search sees a record as it was last written, also after it was found before', async () => {
  const { store, index } = await filled();
  const parsed = requestOf(index.info().id, { mode: 'dense', topK: 40 });
  const titles = async () => new Map((await index.search({ parsed })).records.map(({ id, text }) => [id, text]));
  const before = await titles();
  const [first, second] = [...before.keys()];
  await index.upsert([{ ...records(40).find(({ id }) => id === first)!, text: 'written anew' }]);
  await index.delete({ ids: [second!] });
  const after = await titles();
  expect([after.get(first!), after.has(second!), after.size]).toEqual(['written anew', false, before.size - 1]);
  await index.upsert([{ ...records(1, 'other')[0]!, text: 'in the place of another' }]); // takes the free slot
  expect([...(await titles()).values()]).toContain('in the place of another');
  await store.close();
});
