import { denseScore } from '@tributary/proof/ranking';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { denseOfKey, denseQuery, exactKeys } from './dense-query.ts';
import { createVectorStore, storeVector } from './vector-store.ts';

const DIMENSION = 7;
const vector = fc
  .array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { minLength: DIMENSION, maxLength: DIMENSION })
  .map((components) => Float32Array.from([...components.slice(1), 1 + Math.abs(components[0]!)]));

describe.each(['cosine', 'dotproduct', 'euclidean'] as const)('exact %s keys', (metric) => {
  it('are those of the proof, to the bit, however many are asked at once', () => {
    fc.assert(
      fc.property(vector, fc.array(vector, { maxLength: 10 }), (asked, vectors) => {
        const store = createVectorStore(DIMENSION, metric);
        for (const [slot, one] of vectors.entries()) storeVector(store, 2 * slot, one);
        const query = denseQuery(store, asked);
        const keys = new Float64Array(vectors.length);
        exactKeys(
          store,
          query,
          Uint32Array.from(vectors, (_, at) => 2 * at),
          vectors.length,
          keys,
        );
        for (const [at, one] of vectors.entries()) {
          expect(keys[at]).toBe(query.keyOf(2 * at));
          expect(denseOfKey(metric, keys[at]!)).toBe(denseScore(metric, asked, one));
        }
      }),
    );
  });
});
