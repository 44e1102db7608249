import { dimensionMax, numbers, TributaryError } from '@tributary/schemas';
import type { IndexInfo } from '@tributary/store';
import { z } from 'zod';
import { unsupported } from '../parts.ts';

export const valuesShape = numbers(0, dimensionMax);
export const sparseShape = z.strictObject({ indices: z.array(z.number()), values: z.array(z.number()) });

const SPARSE =
  'Index configuration does not support sparse values - only indexes that are sparse or using dotproduct are supported, and this node has none';

/** @throws TributaryError INPUT_SHAPE for sparse values */
export function refuseSparse(sparse: { indices: readonly number[] } | undefined): void {
  if (sparse !== undefined && sparse.indices.length > 0) throw new TributaryError('INPUT_SHAPE', SPARSE);
}

/**
 * The vector of a request, if it has one.
 *
 * @throws TributaryError VECTOR_NOT_FINITE
 */
export function toVector(values: readonly number[] | undefined, name: string): Float32Array<ArrayBuffer> | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const vector = new Float32Array(values); // `from` goes through an iterator, which takes ten times as long
  if (!vector.every(Number.isFinite))
    throw new TributaryError('VECTOR_NOT_FINITE', `The vector of ${name} has a value that is no 32-bit float`);
  return vector;
}

/** @throws TributaryError VECTOR_DIMENSION, VECTOR_ZERO */
export function checkAgainst({ dimension }: Pick<IndexInfo, 'dimension'>, vector: Float32Array, id?: string): void {
  if (vector.length !== dimension) {
    const message = `Vector dimension ${vector.length} does not match the dimension of the index ${dimension}`;
    throw new TributaryError('VECTOR_DIMENSION', message);
  }
  if (id === undefined || vector.some((value) => Math.abs(value) >= 1e-8)) return;
  const message = `Dense vectors must contain at least one non-zero value. Vector ID '${id}' contains only zeros`;
  throw new TributaryError('VECTOR_ZERO', message);
}

/** @throws TributaryError INPUT_SHAPE */
export const refuseTerms = (terms: unknown): void =>
  terms == null ? undefined : unsupported('match_terms: they need sparse vectors');
