import { vectorFromBase64url } from '@tributary/proof/primitives';
import { toSparse, TributaryError, type SparseInput, type SparseVector } from '@tributary/schemas';

/**
 * A vector in a body: a list of numbers, or little-endian float32 as base64url.
 *
 * @param where name of the vector in error messages
 * @throws TributaryError INPUT_SHAPE, VECTOR_NOT_FINITE
 */
export function toVector(given: number[] | string, where: string): Float32Array<ArrayBuffer> {
  const vector = typeof given === 'string' ? readVector(given, where) : new Float32Array(given);
  const wrong = vector.findIndex((component) => !Number.isFinite(component));
  if (wrong >= 0) throw new TributaryError('VECTOR_NOT_FINITE', `${where}: component ${wrong} is not a finite 32-bit float`);
  return vector;
}

function readVector(encoded: string, where: string): Float32Array<ArrayBuffer> {
  try {
    return Float32Array.from(vectorFromBase64url(encoded));
  } catch (cause) {
    throw new TributaryError('INPUT_SHAPE', `${where}: must be little-endian float32 as base64url without padding`, { cause });
  }
}

/**
 * A sparse vector in a body that asks or changes something, in its form.
 *
 * @throws TributaryError INPUT_SHAPE when nothing is left of it
 */
export function toSparseVector(given: SparseInput, where: string): SparseVector {
  const sparse = toSparse(given);
  if (sparse === null) throw new TributaryError('INPUT_SHAPE', `${where}: has no value that is not 0`);
  return sparse;
}
