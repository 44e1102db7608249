import { vectorFromBase64url } from '@tributary/proof/primitives';
import { TributaryError } from '@tributary/schemas';

/**
 * A vector in a body: a list of numbers, or little-endian float32 as base64url.
 *
 * @param where name of the vector in error messages
 * @throws TributaryError INPUT_SHAPE, VECTOR_NOT_FINITE
 */
export function toVector(given: number[] | string, where: string): Float32Array<ArrayBuffer> {
  const vector = typeof given === 'string' ? readVector(given, where) : Float32Array.from(given);
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
