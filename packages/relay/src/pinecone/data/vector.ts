import { dimensionMax, inWords, numbers, sparseInput, toSparse, TributaryError, type SparseVector } from '@tributary/schemas';
import type { IndexInfo } from '@tributary/store';
import { z } from 'zod';
import { unsupported } from '../parts.ts';

export const valuesShape = numbers(0, dimensionMax);
export const sparseShape = z.strictObject({ indices: z.array(z.number()), values: z.array(z.number()) });

const NO_SPARSE =
  'Index configuration does not support sparse values - only indexes that are sparse or using dotproduct are supported';
const NO_DENSE = 'Index configuration does not support dense values';

function refuse(message: string): never {
  throw new TributaryError('INPUT_SHAPE', message);
}

/**
 * The sparse values of a request, if it has some.
 *
 * @throws TributaryError INPUT_SHAPE
 */
export function toSparseValues(given: z.output<typeof sparseShape> | undefined, name: string): SparseVector | undefined {
  if (given === undefined || (given.indices.length === 0 && given.values.length === 0)) return undefined;
  const read = sparseInput.safeParse(given, { error: inWords });
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    refuse(`The sparse values of ${name}${path.length === 0 ? '' : ` at ${path.join('.')}`}: ${message}`);
  }
  const sparse = toSparse(read.data);
  if (sparse === null) refuse(`The sparse values of ${name} must contain at least one non-zero value`);
  return sparse;
}

/** The vectors of a record, as a write gives them. */
export interface GivenVectors {
  vector: Float32Array<ArrayBuffer> | undefined;
  sparse: SparseVector | undefined;
}

/**
 * Checks what a write gives against what the index has.
 *
 * @param whole true for a new record, which needs all that the index requires
 * @throws TributaryError INPUT_SHAPE, VECTOR_DIMENSION, VECTOR_ZERO
 */
export function checkGiven(info: Space, { vector, sparse }: GivenVectors, id: string, whole: boolean): void {
  if (sparse !== undefined && info.vectors === 'dense') refuse(NO_SPARSE);
  if (info.vectors === 'sparse') {
    if (vector !== undefined) refuse(NO_DENSE);
    if (whole && sparse === undefined) refuse(`Sparse vectors must contain at least one value. Vector ID '${id}' has none`);
    return;
  }
  if (whole || vector !== undefined) checkAgainst(info, vector ?? new Float32Array(0), id);
}

/** What a question compares records with. */
export interface AskedVectors {
  vector?: Float32Array;
  sparse?: SparseVector;
}

/**
 * Checks the vectors of a question against what the index has.
 *
 * @throws TributaryError INPUT_SHAPE, VECTOR_DIMENSION
 */
export function checkAsked(info: Space, { vector, sparse }: AskedVectors): void {
  if (info.vectors === 'sparse') {
    if (vector !== undefined) refuse(NO_DENSE);
    return;
  }
  if (vector === undefined) refuse("Cannot query index with dense 'vector_type' with only sparse vector");
  checkAgainst(info, vector);
  if (sparse !== undefined && info.vectors === 'dense') refuse(NO_SPARSE);
}

type Space = Pick<IndexInfo, 'dimension' | 'vectors'>;

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
function checkAgainst({ dimension }: Pick<IndexInfo, 'dimension'>, vector: Float32Array, id?: string): void {
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
