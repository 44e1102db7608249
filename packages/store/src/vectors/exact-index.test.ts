import { denseScore } from '@tributary/proof/ranking';
import type { Metric } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExactIndex } from './exact-index.ts';
import { createTopK } from '../slots/top-k.ts';
import { createKeptVectors } from './kept-vectors.ts';
import type { VectorIndex } from './types.ts';
import { slotsOf, vectorIndexSuite } from './vector-index.suite.ts';
import { createVectorStore } from './vector-store.ts';

const metrics: Metric[] = ['cosine', 'dotproduct', 'euclidean'];

vectorIndexSuite(
  'exact index',
  (dimension, metric) => createExactIndex(createVectorStore(dimension, metric)),
  () => undefined,
);

/** An index whose vectors are in records only. */
function createIndexOfRecords(dimension: number, metric: Metric): VectorIndex {
  const records = new Map<number, Float32Array>();
  const kept = createKeptVectors((slot) => records.get(slot) ?? null);
  const index = createExactIndex(createVectorStore(dimension, metric, kept, 0));
  return {
    ...index,
    put(slot, vector) {
      index.put(slot, vector);
      records.set(slot, vector);
    },
  };
}

vectorIndexSuite('exact index of records', createIndexOfRecords, () => undefined);

describe('exact index', () => {
  it('gives the order and the bits of scoring everything one after the other', () => {
    // Few distinct components make many ties and near ties.
    const component = fc.constantFrom(0, 1, -1, 0.1, 1 / 3, 1e-20, 1e15);
    const vector = fc.array(component, { minLength: 7, maxLength: 7 }).map((list) => Float32Array.from([1, ...list]));
    fc.assert(
      fc.property(
        fc.constantFrom(...metrics),
        fc.array(vector, { maxLength: 40 }),
        vector,
        fc.nat(12),
        fc.boolean(),
        (metric, vectors, query, count, ofRecords) => {
          const index = ofRecords ? createIndexOfRecords(8, metric) : createExactIndex(createVectorStore(8, metric));
          vectors.forEach((each, at) => index.put(at * 3, each));
          const top = createTopK();
          index.nearest(query, count, null, top);
          const sign = metric === 'euclidean' ? -1 : 1;
          const all = vectors.map((each, at) => ({ slot: at * 3, key: sign * denseScore(metric, query, each) }));
          const wanted = all.toSorted((a, b) => b.key - a.key || a.slot - b.slot).slice(0, count);
          expect(slotsOf(top)).toEqual(wanted.map(({ slot }) => slot));
          expect([...top.keys.subarray(0, top.length)]).toEqual(wanted.map(({ key }) => key));
        },
      ),
    );
  });
});
