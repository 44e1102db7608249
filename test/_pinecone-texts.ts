// What every major version of the client does with namespaces and with texts that the node embeds.
import { expect } from 'vitest';
import { recordsOf, type Operation } from './_pinecone.ts';
import { RERANK_MODEL } from './_pinecone-rerank.ts';

const MODEL = 'BAAI/bge-small-en-v1.5';

export const TEXTS: readonly Operation[] = [
  {
    name: 'listNamespaces, describeNamespace, deleteNamespace',
    since: 6,
    async run(driver, { vectors }) {
      await driver.index(vectors, 'n1').upsert([{ id: 'a', values: [1, 1, 1] }]);
      const { face } = driver.index(vectors);
      const described = (await face['describeNamespace']!('n1')) as { recordCount: number | string };
      expect(described).toMatchObject({ name: 'n1', recordCount: driver.major >= 9 ? '1' : 1 });
      const options = driver.major >= 7 ? [{ limit: 1 }] : [1];
      const page = (await face['listNamespaces']!(...options)) as { pagination: { next: string } };
      expect(page).toMatchObject({ namespaces: [{ name: 'n1' }], pagination: { next: expect.any(String) } });
      const { next: paginationToken } = page.pagination;
      const rest = driver.major >= 7 ? [{ limit: 1, paginationToken }] : [1, paginationToken];
      expect(await face['listNamespaces']!(...rest)).toMatchObject({ namespaces: [{ name: 'ns 1/u' }] });
      await face['deleteNamespace']!('n1');
      await expect(face['describeNamespace']!('n1')).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
      await expect(face['deleteNamespace']!('n1')).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
  {
    name: 'createNamespace',
    since: 7,
    async run(driver, { vectors }) {
      const { face } = driver.index(vectors);
      expect(await face['createNamespace']!({ name: 'empty' })).toMatchObject({ name: 'empty' });
      expect(await face['describeNamespace']!('empty')).toMatchObject({ name: 'empty' });
      await expect(face['createNamespace']!({ name: 'empty' })).rejects.toMatchObject({ name: 'PineconeConflictError' });
      await face['deleteNamespace']!('empty');
      await expect(face['describeNamespace']!('empty')).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
  {
    name: 'createIndexForModel',
    since: 5,
    async run({ client }, { texts }) {
      const wished = { name: texts, cloud: 'aws', region: 'eu-west-1', waitUntilReady: true };
      const embed = { model: MODEL, fieldMap: { text: 'chunk' } };
      await client['createIndexForModel']!({ ...wished, embed });
      const index = (await client['describeIndex']!(texts)) as { embed: object; dimension: number; metric: string };
      expect([index.dimension, index.metric]).toEqual([384, 'cosine']);
      expect(index.embed).toMatchObject({ model: MODEL, fieldMap: { text: 'chunk' } });
      await expect(
        client['createIndexForModel']!({ ...wished, name: `${texts}-2`, embed: { ...embed, model: 'multilingual-e5-large' } }),
      ).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
  {
    name: 'upsertRecords',
    since: 5,
    async run(driver, { texts }) {
      await driver.index(texts, 'notes').upsertRecords([
        { id: 'n1', chunk: 'The spring flood begins in April.', river: 'Ob' },
        { _id: 'n2', chunk: 'White storks nest on chimneys.', birds: ['stork'] },
        { id: 'n3', chunk: 'A ferry carries forty cars across the river.', cars: 40 },
      ]);
      const records = recordsOf(await driver.index(texts, 'notes').fetch(['n1']));
      expect(records['n1']!.metadata).toEqual({ chunk: 'The spring flood begins in April.', river: 'Ob' });
    },
  },
  {
    name: 'searchRecords',
    since: 5,
    async run(driver, { texts }) {
      const { face } = driver.index(texts, 'notes');
      const query = { topK: 2, inputs: { text: 'where do birds build their nests' } };
      const found = (await face['searchRecords']!({ query })) as { result: { hits: { _id: string; fields: object }[] } };
      expect(found).toMatchObject({
        result: { hits: [{ _id: 'n2', _score: expect.any(Number) }, {}] },
        usage: { readUnits: 1, embedTotalTokens: expect.any(Number) },
      });
      expect(found.result.hits[0]!.fields).toEqual({ chunk: 'White storks nest on chimneys.', birds: ['stork'] });
      const few = (await face['searchRecords']!({ query: { ...query, filter: { cars: { $gt: 1 } } }, fields: ['cars'] })) as {
        result: { hits: object[] };
      };
      expect(few.result.hits).toEqual([{ _id: 'n3', _score: expect.any(Number), fields: { cars: 40 } }]);
    },
  },
  {
    name: 'inference.embed',
    since: 3,
    async run({ client: { inference }, major }) {
      const inputs = ['White storks nest on chimneys.', 'The spring flood begins in April.'];
      const parameters = { inputType: 'passage', truncate: 'END' };
      const asked = major >= 7 ? [{ model: MODEL, inputs, parameters }] : [MODEL, inputs, parameters];
      const embedded = (await inference['embed']!(...asked)) as { data: { values: number[] }[] };
      expect(embedded).toMatchObject({ model: MODEL, usage: { totalTokens: expect.any(Number) } });
      expect([...embedded.data].map(({ values }) => values.length)).toEqual([384, 384]);
    },
  },
  {
    name: 'inference.listModels, getModel',
    since: 6,
    async run({ client: { inference } }) {
      expect(await inference['listModels']!({ type: 'embed' })).toMatchObject({ models: [{ model: MODEL }] });
      expect(await inference['listModels']!({ type: 'rerank' })).toMatchObject({ models: [{ model: RERANK_MODEL }] });
      expect(await inference['listModels']!()).toMatchObject({ models: [{ model: MODEL }, { model: RERANK_MODEL }] });
      expect(await inference['getModel']!(RERANK_MODEL)).toMatchObject({ model: RERANK_MODEL, type: 'rerank' });
      expect(await inference['getModel']!(MODEL)).toMatchObject({ model: MODEL, defaultDimension: 384, type: 'embed' });
    },
  },
];
