import type { Metric } from '@tributary/schemas';
import { CAP, SUM_TOLERANCE } from './tolerance.ts';

/**
 * Metric value of a query vector and a record's vector, and how much another implementation's sum may differ from it.
 */
export interface DenseMeasure {
  readonly dense: number;
  readonly tolerance: number;
}

/**
 * Metric value in float64, summed in index order over the stored float32 values, so that every machine gets the same
 * bits (docs/spec/query.md). Cosine of a zero vector is NaN.
 *
 * @throws RangeError when the dimensions differ
 */
export function denseScore(metric: Metric, query: Float32Array, vector: Float32Array): number {
  return denseScorer(metric, query)(vector);
}

/** {@link denseScore} for many vectors against one query, whose norm is computed once. */
export function denseScorer(metric: Metric, query: Float32Array): (vector: Float32Array) => number {
  if (metric === 'euclidean') return (vector) => squaredDistance(query, checkDimension(query, vector));
  if (metric === 'dotproduct') return (vector) => dot(query, checkDimension(query, vector));
  const queryNorm = Math.sqrt(dot(query, query));
  return (vector) => dot(query, checkDimension(query, vector)) / (queryNorm * Math.sqrt(dot(vector, vector)));
}

/** Like {@link denseScorer} without norms, bit for bit, for vectors at an offset of a larger array. */
export function blockScorer(
  metric: Exclude<Metric, 'cosine'>,
  query: Float32Array,
): (block: Float32Array, from: number) => number {
  if (metric === 'euclidean') return (block, from) => squaredDistance(query, block, from);
  return (block, from) => dot(query, block, from);
}

/**
 * Metric value with the tolerance of a verifier: 2^-36 of the sum of magnitudes, but never more than 1e-9 of 1 +
 * |value|, so that components that are huge or cancel each other do not allow another value.
 */
export function measureDense(metric: Metric, query: Float32Array, vector: Float32Array): DenseMeasure {
  if (metric === 'euclidean') {
    const dense = denseScore(metric, query, vector);
    return { dense, tolerance: SUM_TOLERANCE * (dense + 1) };
  }
  const sums = sumsOf(query, checkDimension(query, vector));
  const magnitude = SUM_TOLERANCE * sums.magnitude;
  if (metric === 'dotproduct') return { dense: sums.dot, tolerance: Math.min(magnitude, CAP * (1 + Math.abs(sums.dot))) };
  const norms = Math.sqrt(sums.querySquares) * Math.sqrt(sums.vectorSquares);
  return { dense: sums.dot / norms, tolerance: magnitude / norms };
}

/** A metric value where larger is closer: unchanged, or for squared distances a value in 0…1. */
export function closeness(metric: Metric, dense: number): number {
  return metric === 'euclidean' ? 1 / (1 + dense) : dense;
}

function checkDimension(query: Float32Array, vector: Float32Array): Float32Array {
  if (query.length !== vector.length) throw new RangeError(`vectors of ${query.length} and ${vector.length} components`);
  return vector;
}

function dot(a: Float32Array, b: Float32Array, from = 0): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += a[at]! * b[from + at]!;
  return sum;
}

/** Four sums in one pass, each in index order like {@link dot}. */
function sumsOf(query: Float32Array, vector: Float32Array) {
  let inner = 0;
  let magnitude = 0;
  let querySquares = 0;
  let vectorSquares = 0;
  // No destructuring in this loop: V8 makes the array, and the loop takes six times as long.
  for (let at = 0; at < query.length; at += 1) {
    const q = query[at]!;
    const v = vector[at]!;
    const product = q * v;
    inner += product;
    magnitude += Math.abs(product);
    querySquares += q * q;
    vectorSquares += v * v;
  }
  return { dot: inner, magnitude, querySquares, vectorSquares };
}

function squaredDistance(a: Float32Array, b: Float32Array, from = 0): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) {
    const difference = a[at]! - b[from + at]!;
    sum += difference * difference;
  }
  return sum;
}
