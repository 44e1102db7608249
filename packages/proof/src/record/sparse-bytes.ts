// The bytes of a sparse vector, as they are committed to, stored and sent (docs/spec/record.md).
import { sparseFault, type SparseVector } from '@tributary/schemas';
import { fromBase64url, toBase64url } from '../bytes.ts';

const PAIR_BYTES = 8;

/** Pairs of index and float32 value, both little-endian. */
export function sparseBytes({ indices, values }: SparseVector): Uint8Array {
  const pairs = new DataView(new ArrayBuffer(PAIR_BYTES * indices.length));
  for (let at = 0; at < indices.length; at += 1) {
    pairs.setUint32(PAIR_BYTES * at, indices[at]!, true);
    pairs.setFloat32(PAIR_BYTES * at + 4, values[at]!, true);
  }
  return new Uint8Array(pairs.buffer);
}

/**
 * The sparse vector that the bytes hold.
 *
 * @throws TypeError when it is not in its form: cut off, out of order, an index twice, zeros, not finite
 */
export function readSparseBytes(bytes: Uint8Array): SparseVector {
  const pairs = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Math.floor(bytes.length / PAIR_BYTES);
  const sparse = { indices: new Uint32Array(length), values: new Float32Array(length) };
  for (let at = 0; at < length; at += 1) {
    sparse.indices[at] = pairs.getUint32(PAIR_BYTES * at, true);
    sparse.values[at] = pairs.getFloat32(PAIR_BYTES * at + 4, true);
  }
  const fault = bytes.length % PAIR_BYTES === 0 ? sparseFault(sparse) : 'must have pairs of index and value';
  if (fault !== null) throw new TypeError(`a sparse vector ${fault}`);
  return sparse;
}

/** The bytes of {@link sparseBytes} as unpadded base64url. */
export const sparseToBase64url = (sparse: SparseVector): string => toBase64url(sparseBytes(sparse));

/** @throws TypeError when the text is not that of a sparse vector in its form */
export const sparseFromBase64url = (text: string): SparseVector => readSparseBytes(fromBase64url(text));
