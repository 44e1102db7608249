// What the clients of Pinecone that rerank do, with a model whose scores are known (packages/store/src/testing).
import { overlapScore } from '@tributary/store/testing';
import { expect } from 'vitest';
import type { Driver, Operation } from './_pinecone.ts';

export const RERANK_MODEL = 'test/overlap';

interface Reranked {
  model: string;
  data: { index: number; score: number; document?: Record<string, unknown> }[];
  usage: { rerankUnits: number };
}

/** Majors before 7 take separate arguments. */
async function rerank({ client, major }: Driver, query: string, documents: (object | string)[], options: object = {}) {
  const asked = { model: RERANK_MODEL, query, documents, ...options };
  const parameters = major >= 7 ? [asked] : [RERANK_MODEL, query, documents, options];
  return (await client.inference['rerank']!(...parameters)) as Reranked;
}

const score = (share: number) => expect.closeTo(overlapScore(share), 5) as number;

export const RERANK: readonly Operation[] = [
  {
    name: 'inference.rerank',
    since: 4,
    async run(driver) {
      const found = await rerank(driver, 'white birds sing here', ['A red wall', 'White birds sing', 'white paint']);
      expect(found).toMatchObject({ model: RERANK_MODEL, usage: { rerankUnits: 1 } });
      expect(found.data).toEqual([
        { index: 1, score: score(3 / 4), document: { text: 'White birds sing' } },
        { index: 2, score: score(1 / 4), document: { text: 'white paint' } },
        { index: 0, score: score(0), document: { text: 'A red wall' } },
      ]);
      const books = [
        { id: 'a', title: 'Birds', body: 'a wall' },
        { id: 'b', title: 'Walls', body: 'birds' },
      ];
      const options = { rankFields: ['body'], topN: 1, returnDocuments: false, parameters: { truncate: 'END' } };
      const { data } = await rerank(driver, 'birds', books, options);
      expect(data.map(({ index, score: given, document }) => [index, given, document ?? null])).toEqual([[1, score(1), null]]);
      const refused = (wrong: object) => expect(rerank(driver, 'birds', books, { ...options, ...wrong })).rejects;
      await refused({ rankFields: ['other'] }).toThrow("field 'other' not found in document at index 0");
      await refused({ rankFields: ['title', 'body'] }).toThrow('Only one rank field is supported for model');
      const long = rerank(driver, 'birds', ['river '.repeat(600)], { parameters: { truncate: 'NONE' } });
      await expect(long).rejects.toThrow('at most 512');
    },
  },
  {
    name: 'searchRecords with rerank',
    since: 5,
    async run(driver, { texts }) {
      const { face } = driver.index(texts, 'notes');
      const query = { topK: 3, inputs: { text: 'where do birds build their nests' } };
      const ask = async (options: object) =>
        (await face['searchRecords']!({ query, ...options })) as {
          result: { hits: { _id: string; _score: number; fields: object }[] };
          usage: { rerankUnits?: number };
        };
      const model = { model: RERANK_MODEL, rankFields: ['chunk'] };
      const { result, usage } = await ask({ rerank: { ...model, query: 'ferry river', topN: 2 }, fields: ['cars'] });
      expect(usage.rerankUnits).toBe(1);
      expect(result.hits).toEqual([
        { _id: 'n3', _score: score(1), fields: { cars: 40 } },
        { _id: expect.any(String), _score: score(0), fields: {} },
      ]);
      // The question of the search, unless there is another.
      const { result: own } = await ask({ query: { ...query, inputs: { text: 'forty cars' } }, rerank: model });
      expect(own.hits[0]).toMatchObject({ _id: 'n3', _score: score(1) });
      await expect(ask({ rerank: { ...model, rankFields: ['cars'] } })).rejects.toThrow(/field 'cars'/);
      const other = ask({ rerank: { ...model, model: 'bge-reranker-v2-m3' } });
      await expect(other).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
];
