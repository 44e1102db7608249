import { describe, expect, it } from 'vitest';
import { blockScorer, closeness, denseScore, measureDense } from './dense.ts';

const vector = (...values: number[]) => Float32Array.from(values);
const [query, record] = [vector(1, 2, 3), vector(-2, 0.5, 4)];

it('computes each metric in index order', () => {
  expect(denseScore('dotproduct', query, record)).toBe(-2 + 1 + 12);
  expect(denseScore('euclidean', query, record)).toBe(9 + 2.25 + 1);
  expect(denseScore('cosine', query, record)).toBe(11 / (Math.sqrt(14) * Math.sqrt(4 + 0.25 + 16)));
  expect(() => denseScore('cosine', query, vector(1))).toThrow(RangeError);
});

it('computes the same within a larger array', () => {
  const block = vector(9, 9, 9, ...record, 9);
  expect(blockScorer('dotproduct', query)(block, 3)).toBe(denseScore('dotproduct', query, record));
  expect(blockScorer('euclidean', query)(block, 3)).toBe(denseScore('euclidean', query, record));
});

it('takes a squared distance as close when it is small', () => {
  expect(closeness('euclidean', 0)).toBe(1);
  expect(closeness('euclidean', 3)).toBe(0.25);
  expect(closeness('dotproduct', 3)).toBe(3);
  expect(closeness('cosine', -1)).toBe(-1);
});

describe('the tolerance (docs/spec/query.md)', () => {
  const relative = 2 ** -36;

  it('is 2^-36 of the sum of magnitudes for a dot product', () => {
    expect(measureDense('dotproduct', query, record)).toEqual({ dense: 11, tolerance: relative * 15 });
  });

  it('is at most 1e-9 of 1 + |value| for a dot product, however large the components are', () => {
    const { dense, tolerance } = measureDense('dotproduct', vector(1e15, 1e15), vector(1e15, -1e15));
    expect(dense).toBe(0);
    expect(tolerance).toBe(1e-9);
    const large = measureDense('dotproduct', vector(1e15, 1e15, 1), vector(1e15, -1e15, 7));
    expect(large).toEqual({ dense: 7, tolerance: 1e-9 * 8 });
  });

  it('is in units of the norms for cosine', () => {
    const { tolerance } = measureDense('cosine', query, record);
    expect(tolerance).toBe((relative * 15) / (Math.sqrt(14) * Math.sqrt(20.25)));
    // The same however long the vectors are.
    expect(
      measureDense(
        'cosine',
        query.map((value) => value * 4),
        record,
      ).tolerance,
    ).toBeCloseTo(tolerance, 20);
  });

  it('is 2^-36 of 1 + the squared distance', () => {
    expect(measureDense('euclidean', query, record)).toEqual({ dense: 12.25, tolerance: relative * 13.25 });
  });
});
