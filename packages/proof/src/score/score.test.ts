import type { Metric } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BM25_K1, BM25_K3, bm25, bm25Query, idf, repeatFactor } from './bm25.ts';
import { closeness, denseScore, denseScorer, measureDense } from './dense.ts';
import { compareResults, scoreOf } from './rank.ts';
import { queryTerms } from './terms.ts';

const METRICS: Metric[] = ['cosine', 'dotproduct', 'euclidean'];
const component = fc.float({ min: -100, max: 100, noNaN: true });
const pair = fc
  .integer({ min: 1, max: 64 })
  .chain((length) =>
    fc.tuple(
      fc.float32Array({ min: -100, max: 100, noNaN: true, minLength: length, maxLength: length }),
      fc.array(component, { minLength: length, maxLength: length }),
    ),
  )
  .map(([a, b]) => [a, Float32Array.from(b)] as const);

describe('dense', () => {
  test('known values', () => {
    const a = Float32Array.of(1, 2, 3);
    const b = Float32Array.of(-4, 5, 6);
    expect(denseScore('dotproduct', a, b)).toBe(24);
    expect(denseScore('euclidean', a, b)).toBe(43);
    expect(denseScore('cosine', a, b)).toBe(24 / (Math.sqrt(14) * Math.sqrt(77)));
    expect(closeness('euclidean', 43)).toBe(1 / 44);
    expect(() => denseScore('cosine', a, Float32Array.of(1))).toThrow(RangeError);
  });

  test('a prepared scorer gives the same bits', () => {
    fc.assert(
      fc.property(pair, fc.constantFrom(...METRICS), ([a, b], metric) => {
        expect(denseScorer(metric, a)(b)).toBe(denseScore(metric, a, b));
      }),
    );
  });

  test('the tolerance covers a sum in the opposite order and not a change in the sixth digit', () => {
    fc.assert(
      fc.property(pair, fc.constantFrom(...METRICS), ([a, b], metric) => {
        const { dense, tolerance } = measureDense(metric, a, b);
        fc.pre(Number.isFinite(dense));
        const other = denseScore(metric, a.toReversed(), b.toReversed());
        expect(Math.abs(other - dense)).toBeLessThanOrEqual(tolerance + 1e-15);
        const magnitude = metric === 'euclidean' ? dense + 1 : tolerance * 2 ** 36;
        expect(tolerance).toBeLessThanOrEqual(1e-6 * magnitude);
      }),
    );
  });
});

describe('bm25', () => {
  const statistics = { records: 100, averageLength: 10, terms: { cat: 10, dog: 50, unicorn: 0 } };

  const asked = queryTerms('cat dog unicorn');

  test('known value', () => {
    const query = bm25Query(statistics, asked);
    expect(query.terms.map(({ term }) => term)).toEqual(['cat', 'dog']);
    expect(idf(100, 10)).toBeCloseTo(Math.log(1 + 90.5 / 10.5), 12);
    const expected = (idf(100, 10) * 2 * 2.2) / (2 + 1.2 * (0.25 + (0.75 * 20) / 10));
    expect(
      bm25(
        query,
        new Map([
          ['cat', 2],
          ['unicorn', 9],
        ]),
        20,
      ),
    ).toBeCloseTo(expected, 12);
    expect(bm25(query, new Map(), 20)).toBe(0);
  });

  test('a term counts for more the more often the question has it, up to k3 + 1', () => {
    expect([0, 1, 2, 8].map(repeatFactor)).toEqual([0, 1, 1.8, 4.5]);
    expect(repeatFactor(1e9)).toBeLessThanOrEqual(BM25_K3 + 1);
    const [once, thrice] = ['cat dog', 'cat dog cat, cats'].map((text) => bm25Query(statistics, queryTerms(text)));
    expect(thrice!.terms[0]!.weight).toBeCloseTo((once!.terms[0]!.weight * 9 * 3) / 11, 12);
    expect(thrice!.terms[1]).toEqual(once!.terms[1]);
    const grown = thrice!.terms[0]!.weight - once!.terms[0]!.weight;
    expect(thrice!.bound - once!.bound).toBeCloseTo(grown * (BM25_K1 + 1), 9);
  });

  test('never reaches its bound, however often the question repeats a term', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), fc.integer({ min: 1, max: 2_000 }), (cats, dogs, repeats) => {
        const query = bm25Query(statistics, new Map([...asked, ['cat', repeats]]));
        const counts = new Map([
          ['cat', cats],
          ['dog', dogs],
        ]);
        expect(bm25(query, counts, cats + dogs)).toBeLessThan(query.bound);
      }),
    );
  });
});

describe('score and order', () => {
  test('each mode', () => {
    const parts = { metric: 'cosine', denseWeight: 0.6, dense: 0.5, bm25: 3, bound: 12 } as const;
    expect(scoreOf({ ...parts, denseWeight: null, mode: 'dense' })).toEqual({ score: 0.5, relevance: 0.5 });
    expect(scoreOf({ ...parts, denseWeight: null, mode: 'bm25' })).toEqual({ score: 3, relevance: 0.25 });
    const hybrid = 0.6 * 0.5 + 0.4 * 0.25;
    expect(scoreOf({ ...parts, mode: 'hybrid' })).toEqual({ score: hybrid, relevance: hybrid });
    expect(scoreOf({ ...parts, mode: 'hybrid', bound: 0, dense: -1 }).relevance).toBe(0);
    expect(scoreOf({ ...parts, mode: 'dense', metric: 'euclidean', dense: 4 })).toEqual({ score: 4, relevance: 0.2 });
    expect(scoreOf({ ...parts, mode: 'hybrid', denseWeight: 0 }).score).toBe(0.25);
    expect(scoreOf({ ...parts, mode: 'hybrid', denseWeight: 1 }).score).toBe(0.5);
    expect(() => scoreOf({ ...parts, mode: 'hybrid', dense: null })).toThrow(TypeError);
    expect(() => scoreOf({ ...parts, mode: 'hybrid', denseWeight: null })).toThrow(TypeError);
  });

  test('order: best first, then slot; squared distances ascend in dense mode only', () => {
    const list = [
      { score: 1, slot: 5 },
      { score: 2, slot: 9 },
      { score: 1, slot: 3 },
    ];
    const order = (mode: 'dense' | 'hybrid', metric: Metric) =>
      list.toSorted(compareResults(mode, metric)).map(({ slot }) => slot);
    expect(order('dense', 'cosine')).toEqual([9, 3, 5]);
    expect(order('dense', 'euclidean')).toEqual([3, 5, 9]);
    expect(order('hybrid', 'euclidean')).toEqual([9, 3, 5]);
  });
});
