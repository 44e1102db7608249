import type { Metric } from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import { slotsMax, vectorBlockBytes } from '../limits.ts';
import { clearBit, createBitmap, growBitmap, hasBit, setBit, type Bitmap } from '../slots/bitmap.ts';
import { growFloat64 } from '../slots/grow.ts';

/** The float32 vectors of an index by slot, in blocks that are never moved, with the norm of each. */
export interface VectorStore {
  readonly dimension: number;
  readonly metric: Metric;
  /** Slots that hold a vector. */
  readonly live: Bitmap;
  size: number;
  /** One past the largest slot ever held. */
  capacity: number;
  norms: Float64Array;
  readonly blocks: (Float32Array | undefined)[];
  /** Slots per block, as a power of two. */
  readonly blockBits: number;
}

/** @param dimension number of components of each vector; 0 to keep only which slots are live */
export function createVectorStore(dimension: number, metric: Metric): VectorStore {
  const slots = Math.max(1, Math.floor(vectorBlockBytes / (4 * Math.max(1, dimension))));
  return {
    dimension,
    metric,
    live: createBitmap(),
    size: 0,
    capacity: 0,
    norms: new Float64Array(0),
    blocks: [],
    blockBits: 31 - Math.clz32(slots),
  };
}

/**
 * Copies the vector into the slot and replaces the previous one.
 *
 * @throws StoreError VECTOR_DIMENSION, VECTOR_NOT_FINITE, VECTOR_ZERO (cosine only), WRITE_TOO_LARGE (slot out of
 *   range)
 */
export function storeVector(store: VectorStore, slot: number, vector: Float32Array): void {
  if (!Number.isInteger(slot) || slot < 0 || slot >= slotsMax) {
    throw new StoreError('WRITE_TOO_LARGE', `slot ${slot} is not below ${slotsMax}; split the index`);
  }
  const norm = checkVector(store, vector, `vector of slot ${slot}`);
  const at = slot >>> store.blockBits;
  const block = (store.blocks[at] ??= new Float32Array(store.dimension << store.blockBits));
  block.set(vector, vectorOffset(store, slot));
  store.norms = growFloat64(store.norms, slot);
  store.norms[slot] = norm;
  store.capacity = Math.max(store.capacity, slot + 1);
  growBitmap(store.live, store.capacity);
  if (!hasBit(store.live, slot)) store.size += 1;
  setBit(store.live, slot);
}

/**
 * Euclidean norm of a vector that an index can hold.
 *
 * @throws StoreError VECTOR_DIMENSION, VECTOR_NOT_FINITE, VECTOR_ZERO
 */
export function checkVector(
  { dimension, metric }: Pick<VectorStore, 'dimension' | 'metric'>,
  vector: Float32Array,
  what: string,
): number {
  if (vector.length !== dimension) {
    throw new StoreError('VECTOR_DIMENSION', `${what} has ${vector.length} components; this index takes ${dimension}`);
  }
  let sum = 0;
  for (let at = 0; at < vector.length; at += 1) sum += vector[at]! * vector[at]!;
  // Squares of float32 values cannot overflow float64, so an infinite or NaN sum means such a component.
  if (!Number.isFinite(sum)) throw new StoreError('VECTOR_NOT_FINITE', `${what} has a component that is not a finite number`);
  if (sum === 0 && metric === 'cosine') {
    throw new StoreError(
      'VECTOR_ZERO',
      `${what} has only zeros, for which there is no cosine; leave the record out or use dotproduct`,
    );
  }
  return Math.sqrt(sum);
}

/** True when the slot holds exactly this vector. */
export function holdsVector(store: VectorStore, slot: number, vector: Float32Array): boolean {
  if (!hasBit(store.live, slot) || vector.length !== store.dimension) return false;
  const block = vectorBlock(store, slot);
  const from = vectorOffset(store, slot);
  for (let at = 0; at < vector.length; at += 1) if (!Object.is(vector[at], block[from + at])) return false;
  return true;
}

/** Removes the vector of a slot and overwrites it. */
export function dropVector(store: VectorStore, slot: number): void {
  if (!hasBit(store.live, slot)) return;
  const from = vectorOffset(store, slot);
  vectorBlock(store, slot).fill(0, from, from + store.dimension);
  store.norms[slot] = 0;
  store.size -= 1;
  clearBit(store.live, slot);
}

/** The block that holds the vector of a live slot, which starts at {@link vectorOffset}. */
export function vectorBlock(store: VectorStore, slot: number): Float32Array {
  return store.blocks[slot >>> store.blockBits]!;
}

export function vectorOffset(store: VectorStore, slot: number): number {
  return (slot & ((1 << store.blockBits) - 1)) * store.dimension;
}

export function vectorBytes(store: VectorStore): number {
  const blocks = store.blocks.filter((block) => block !== undefined).length;
  return blocks * 4 * (store.dimension << store.blockBits) + store.norms.byteLength + store.live.words.byteLength;
}
