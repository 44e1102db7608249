// What every major version of the client does with sparse values: beside dense ones, and alone.
import { expect } from 'vitest';
import { recordsOf, type Operation } from './_pinecone.ts';

const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };
const matchesOf = (reply: unknown) =>
  (reply as { matches: { id: string; score: number; values?: number[]; sparseValues?: object }[] }).matches;
const scored = (reply: unknown) => matchesOf(reply).map(({ id, score }) => [id, score]);

export const SPARSE: readonly Operation[] = [
  {
    name: 'hybrid index: upsert, query, fetch, update',
    since: 3,
    async run(driver) {
      const name = `hybrid-${driver.major}`;
      await driver.client['createIndex']!({ name, dimension: 2, metric: 'dotproduct', spec, waitUntilReady: true });
      const index = driver.index(name);
      await index.upsert([
        { id: 'a', values: [1, 0], sparseValues: { indices: [40, 3], values: [0.5, 1] } },
        { id: 'b', values: [0.5, 0.5], sparseValues: { indices: [3], values: [2] }, metadata: { year: 1961 } },
        { id: 'c', values: [0, 1] },
      ]);
      const asked = { vector: [1, 0], sparseVector: { indices: [3], values: [0.5] }, topK: 3 };
      const found = await index.face['query']!({ ...asked, includeValues: true });
      expect(scored(found)).toEqual([
        ['a', 1.5],
        ['b', 1.5],
        ['c', 0],
      ]);
      // In ascending order, as they are stored.
      expect(matchesOf(found)[0]).toMatchObject({ values: [1, 0], sparseValues: { indices: [3, 40], values: [1, 0.5] } });
      expect(matchesOf(found)[2]!.sparseValues ?? null).toBe(null);
      expect(scored(await index.face['query']!({ ...asked, filter: { year: { $lt: 2000 } } }))).toEqual([['b', 1.5]]);
      expect(scored(await index.face['query']!({ vector: [1, 0], topK: 1 }))).toEqual([['a', 1]]);
      expect(recordsOf(await index.fetch(['b']))['b']).toMatchObject({
        values: [0.5, 0.5],
        sparseValues: { indices: [3], values: [2] },
      });
      await index.face['update']!({ id: 'b', sparseValues: { indices: [7], values: [4] } });
      expect(scored(await index.face['query']!({ ...asked, topK: 2 }))).toEqual([
        ['a', 1.5],
        ['b', 0.5],
      ]);
      await driver.client['deleteIndex']!(name);
    },
  },
  {
    name: 'sparse index: create, describe, upsert, query, fetch',
    since: 5,
    async run(driver) {
      const name = `sparse-${driver.major}`;
      await driver.client['createIndex']!({ name, metric: 'dotproduct', vectorType: 'sparse', spec, waitUntilReady: true });
      const described = (await driver.client['describeIndex']!(name)) as Record<string, unknown>;
      expect([described['vectorType'], described['metric'], described['dimension'] ?? null]).toEqual([
        'sparse',
        'dotproduct',
        null,
      ]);
      const index = driver.index(name);
      await index.upsert([
        { id: 'a', sparseValues: { indices: [40, 3], values: [0.5, 1] } },
        { id: 'b', sparseValues: { indices: [4_294_967_295], values: [2] }, metadata: { year: 1961 } },
      ]);
      const asked = { sparseVector: { indices: [3, 40], values: [1, 2] }, topK: 3, includeValues: true };
      const found = await index.face['query']!(asked);
      expect(scored(found)).toEqual([['a', 2]]);
      expect(matchesOf(found)[0]!.sparseValues).toEqual({ indices: [3, 40], values: [1, 0.5] });
      expect(recordsOf(await index.fetch(['b']))['b']).toMatchObject({ metadata: { year: 1961 } });
      expect(scored(await index.face['query']!({ id: 'b', topK: 3 }))).toEqual([['b', 4]]);
      await driver.client['deleteIndex']!(name);
    },
  },
];
