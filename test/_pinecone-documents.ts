// What the clients of Pinecone that know documents do with them: the preview of major 8, and major 9.
import { expect } from 'vitest';
import type { Driver, Operation, Reply } from './_pinecone.ts';

type Face = Readonly<Record<string, (...parameters: unknown[]) => Reply>>;
/** The calls on documents of one namespace. */
type Documents = (method: 'upsert' | 'search' | 'fetch' | 'list' | 'update' | 'delete', options: object) => Reply;

function documentsOf({ client, major }: Driver, name: string, namespace: string): Documents {
  if (major >= 9) {
    const { documents } = client['index']!({ name, namespace }) as unknown as { documents: Face };
    return (method, options) => documents[method]!(options);
  }
  const { preview } = client as unknown as { preview: { index(options: object): Face } };
  const index = preview.index({ name });
  return (method, options) => index[`${method}Documents`]!(namespace, options);
}

function createIndex({ client, major }: Driver, name: string, fields: object): Reply {
  const asked = { name, schema: { fields }, waitUntilReady: true };
  if (major >= 9) return client['createIndex']!(asked);
  return (client as unknown as { preview: { indexes: Face } }).preview.indexes['create']!(asked);
}

const matchesOf = (reply: unknown) => (reply as { matches: { _id: string; _score: number }[] }).matches;
const idsOf = (reply: unknown) => matchesOf(reply).map(({ _id }) => _id);

export const DOCUMENTS: readonly Operation[] = [
  {
    name: 'documents: create an index with a schema, upsert, search by vectors and by words',
    since: 8,
    async run(driver) {
      const name = `documents-${driver.major}`;
      const index = await createIndex(driver, name, {
        embedding: { type: 'dense_vector', dimension: 2, metric: 'dotproduct' },
        weights: { type: 'sparse_vector', metric: 'dotproduct' },
        body: { type: 'string', fullTextSearch: { language: 'en' } },
      });
      expect(index).toMatchObject({
        schema: {
          fields: {
            embedding: { type: 'dense_vector', dimension: 2, metric: 'dotproduct' },
            weights: { type: 'sparse_vector' },
            body: { type: 'string', fullTextSearch: { language: 'en', stemming: false } },
          },
        },
      });
      const documents = documentsOf(driver, name, 'notes');
      const storks = { _id: 'storks', embedding: [1, 0.25], body: 'White storks nest on chimneys.', legs: 2, tags: ['bird'] };
      const upserted = await documents('upsert', {
        documents: [
          { ...storks, weights: { indices: [7, 3], values: [2, 1] } },
          { _id: 'flood', embedding: [0, 1], body: 'The spring flood begins in April.' },
          { _id: 'a/b', embedding: [0.5, 0.5], body: 'A ferry.', legs: 0 },
        ],
      });
      expect(upserted).toMatchObject({ upsertedCount: 3 });
      // The preview names one field.
      const field = (one: string) => (driver.major >= 9 ? { fields: [one] } : { field: one });
      const dense = { type: 'dense_vector', ...field('embedding'), values: [1, 0] };
      const found = await documents('search', { scoreBy: [dense], topK: 2, includeFields: ['*'] });
      expect(found).toMatchObject({ namespace: 'notes', usage: { readUnits: 1 } });
      expect(matchesOf(found)).toEqual([
        { ...storks, weights: { indices: [3, 7], values: [1, 2] }, _score: 1 },
        { _id: 'a/b', _score: 0.5, embedding: [0.5, 0.5], body: 'A ferry.', legs: 0 },
      ]);
      const plain = await documents('search', { scoreBy: [dense], topK: 1, filter: { legs: { $lt: 2 } } });
      expect(matchesOf(plain)).toEqual([{ _id: 'a/b', _score: 0.5 }]);
      const sparse = { type: 'sparse_vector', field: 'weights', sparseValues: { indices: [3], values: [0.5] } };
      expect(matchesOf(await documents('search', { scoreBy: [sparse], topK: 3 }))).toEqual([{ _id: 'storks', _score: 0.5 }]);
      const words = { type: 'text', ...field('body'), query: ' spring ferry ' };
      const said = await documents('search', { scoreBy: [words], topK: 3, includeFields: ['body'] });
      expect(idsOf(said).toSorted()).toEqual(['a/b', 'flood']);
      expect(matchesOf(said)[0]).toHaveProperty('body');
      const lucene = { type: 'query_string', query: 'body:(ferry)' };
      await expect(documents('search', { scoreBy: [lucene], topK: 3 })).rejects.toThrow('query_string');
    },
  },
  {
    name: 'documents: fetch, list, update, delete',
    since: 8,
    async run(driver) {
      const name = `documents-${driver.major}`;
      const documents = documentsOf(driver, name, 'notes');
      const fetch = async (options: object) =>
        ((await documents('fetch', options)) as { documents: Record<string, object> }).documents;
      expect(await fetch({ ids: ['flood', 'nobody', 'storks'], includeFields: ['legs'] })).toEqual({
        flood: { _id: 'flood' },
        storks: { _id: 'storks', legs: 2 },
      });
      const listed = (await documents('list', { limit: 2 })) as { documents: object[]; pagination: { next: string } };
      expect(listed).toMatchObject({ documents: [{ _id: 'a/b' }, { _id: 'flood' }], namespace: 'notes' });
      const rest = await documents('list', { limit: 2, paginationToken: listed.pagination.next });
      expect(rest).toMatchObject({ documents: [{ _id: 'storks' }] });
      await documents('update', {
        documents: [
          { _id: 'storks', embedding: [0, 2], _remove_fields: ['tags'], legs: 3 },
          { _id: 'nobody', legs: 1 },
        ],
      });
      expect(await fetch({ ids: ['storks', 'nobody'] })).toEqual({
        storks: {
          _id: 'storks',
          embedding: [0, 2],
          weights: { indices: [3, 7], values: [1, 2] },
          body: 'White storks nest on chimneys.',
          legs: 3,
        },
      });
      if (driver.major >= 9) {
        const patch = { filter: { legs: { $gt: 1 } }, setFields: { seen: true }, removeFields: ['legs'] };
        expect(await documents('update', patch)).toMatchObject({ matchedRecords: 1 });
        expect(Object.keys(await fetch({ filter: { seen: true } }))).toEqual(['storks']);
        expect(await documents('delete', { filter: { seen: true } })).toMatchObject({ matchedRecords: 1 });
      } else await documents('delete', { ids: ['storks'] });
      expect(Object.keys(await fetch({ ids: ['storks', 'flood'] }))).toEqual(['flood']);
      await documents('delete', { deleteAll: true });
      expect(await documents('list', {})).toMatchObject({ documents: [] });
      await driver.client['deleteIndex']!(name);
    },
  },
];
