import type { Metric } from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import { slotsMax, vectorBlockBytes, vectorMemoryBytesMax } from '../limits.ts';
import { clearBit, createBitmap, growBitmap, hasBit, setBit, type Bitmap } from '../slots/bitmap.ts';
import { growFloat64 } from '../slots/grow.ts';
import { arrayOf, type Part } from '../parts/part.ts';
import type { Candidates } from './types.ts';
import { checksumOf, type KeptVectors } from './kept-vectors.ts';

/**
 * The float32 vectors of an index by slot, with the norm of each. Those of the first slots are in memory, in blocks
 * that are never moved; the others in their records. Without records, all are in memory.
 */
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
  /** Slots from here on are in their records only. */
  readonly inMemory: number;
  /** Which of the slots before that are in their blocks. Others are read from their records when they are needed. */
  readonly loaded: Bitmap;
  /** The vectors in the records; null when there are none. */
  readonly kept: KeptVectors | null;
  /** Bounds of keys that need no vector; null when there are none. */
  coarse: CoarseKeys | null;
}

/** Keys by less than the vectors, which are faster and need no read. */
export interface CoarseKeys {
  /** Adds the first `count` slots, each with its key and a bound on the error of that. */
  addTo(
    candidates: Candidates,
    query: { readonly vector: Float32Array; readonly norm: number },
    slots: Uint32Array,
    count: number,
  ): void;
}

/**
 * @param dimension number of components of each vector; 0 to keep only which slots are live
 * @param kept where vectors are kept that do not fit `memoryBytes`
 */
export function createVectorStore(
  dimension: number,
  metric: Metric,
  kept: KeptVectors | null = null,
  memoryBytes = vectorMemoryBytesMax,
): VectorStore {
  const slots = Math.max(1, Math.floor(vectorBlockBytes / (4 * Math.max(1, dimension))));
  const blockBits = 31 - Math.clz32(slots);
  return {
    inMemory: kept === null ? slotsMax : Math.floor(memoryBytes / (4 * dimension * 2 ** blockBits)) * 2 ** blockBits,
    loaded: createBitmap(),
    kept,
    coarse: null,
    dimension,
    metric,
    live: createBitmap(),
    size: 0,
    capacity: 0,
    norms: new Float64Array(0),
    blocks: [],
    blockBits,
  };
}

/**
 * Copies the vector into the slot and replaces the previous one.
 *
 * @param known its norm, if it was checked before
 * @throws StoreError VECTOR_DIMENSION, VECTOR_NOT_FINITE, VECTOR_ZERO (cosine only), WRITE_TOO_LARGE (slot out of
 *   range)
 */
export function storeVector(store: VectorStore, slot: number, vector: Float32Array, known: number | null = null): void {
  if (!Number.isInteger(slot) || slot < 0 || slot >= slotsMax) {
    throw new StoreError('WRITE_TOO_LARGE', `slot ${slot} is not below ${slotsMax}; split the index`);
  }
  const norm = known ?? checkVector(store, vector, `vector of slot ${slot}`);
  if (slot < store.inMemory) setInMemory(store, slot, vector);
  store.kept?.put(slot, vector);
  store.norms = growFloat64(store.norms, slot);
  store.norms[slot] = norm;
  store.capacity = Math.max(store.capacity, slot + 1);
  growBitmap(store.live, store.capacity);
  if (!hasBit(store.live, slot)) store.size += 1;
  setBit(store.live, slot);
}

function setInMemory(store: VectorStore, slot: number, vector: Float32Array): void {
  const block = (store.blocks[slot >>> store.blockBits] ??= new Float32Array(store.dimension << store.blockBits));
  block.set(vector, vectorOffset(store, slot));
  growBitmap(store.loaded, slot + 1);
  setBit(store.loaded, slot);
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
  if (store.kept !== null && store.kept.checksums[slot] !== checksumOf(vector)) return false;
  const block = readable(store, slot);
  if (block === null) return false;
  const from = vectorOffset(store, slot);
  for (let at = 0; at < vector.length; at += 1) if (!Object.is(vector[at], block[from + at])) return false;
  return true;
}

function readable(store: VectorStore, slot: number): Float32Array | null {
  try {
    return vectorBlock(store, slot);
  } catch {
    return null;
  }
}

/** Removes the vector of a slot and overwrites it. */
export function dropVector(store: VectorStore, slot: number): void {
  if (!hasBit(store.live, slot)) return;
  if (hasBit(store.loaded, slot)) {
    const from = vectorOffset(store, slot);
    store.blocks[slot >>> store.blockBits]!.fill(0, from, from + store.dimension);
    clearBit(store.loaded, slot);
  }
  store.kept?.clear(slot);
  store.norms[slot] = 0;
  store.size -= 1;
  clearBit(store.live, slot);
}

/**
 * The block that holds the vector of a live slot, which starts at {@link vectorOffset}.
 *
 * @throws StoreError STORE_DAMAGED
 */
export function vectorBlock(store: VectorStore, slot: number): Float32Array {
  if (slot >= store.inMemory) return store.kept!.read(slot);
  if (!hasBit(store.loaded, slot)) setInMemory(store, slot, store.kept!.read(slot));
  return store.blocks[slot >>> store.blockBits]!;
}

export function vectorOffset(store: VectorStore, slot: number): number {
  return slot < store.inMemory ? (slot & ((1 << store.blockBits) - 1)) * store.dimension : 0;
}

/** Everything but the vectors, which are in their records. It must not change until that is written. */
export function saveVectors({ live, size, capacity, norms, kept }: VectorStore): Part {
  return {
    facts: { size, capacity },
    arrays: {
      live: live.words,
      norms: norms.subarray(0, capacity),
      checksums: (kept?.checksums ?? new Uint32Array(0)).subarray(0, capacity),
    },
  };
}

/**
 * Takes over what {@link saveVectors} gave, into an empty store. No vector is read yet.
 *
 * @param stale slots that have changed since; they are empty then
 */
export function loadVectors(store: VectorStore, part: Part, stale: readonly number[] = []): void {
  const { size, capacity } = part.facts as { size: number; capacity: number };
  store.live.words = arrayOf(part, 'live', Uint32Array);
  store.norms = arrayOf(part, 'norms', Float64Array);
  Object.assign(store, { size, capacity });
  for (const slot of stale) {
    if (!hasBit(store.live, slot)) continue;
    clearBit(store.live, slot);
    store.norms[slot] = 0;
    store.size -= 1;
  }
  if (store.kept !== null) store.kept.checksums = arrayOf(part, 'checksums', Uint32Array);
}

export function vectorBytes(store: VectorStore): number {
  const blocks = store.blocks.filter((block) => block !== undefined).length;
  const checksums = store.kept?.checksums.byteLength ?? 0;
  return blocks * 4 * (store.dimension << store.blockBits) + store.norms.byteLength + store.live.words.byteLength + checksums;
}
