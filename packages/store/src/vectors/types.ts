import type { Bitmap } from '../slots/bitmap.ts';
import type { TopK } from '../slots/top-k.ts';

/** Nearest-neighbour search over vectors by slot. Keys of results are exact float64 values; larger is nearer. */
export interface VectorIndex {
  /** Number of vectors. */
  size(): number;
  /**
   * Puts a vector into a slot and replaces the previous one.
   *
   * @throws StoreError VECTOR_*
   */
  put(slot: number, vector: Float32Array): void;
  /** Removes a vector. A slot without one stays unchanged. */
  remove(slot: number): void;
  /**
   * Fills `into` with at most `count` slots, nearest first, equal ones by slot. Keys are cosine, dot product, or
   * negated squared distance. With `allowed`, only its slots are returned. Slots without a vector are never returned.
   *
   * @throws StoreError VECTOR_* when the query does not fit the index
   */
  nearest(query: Float32Array, count: number, allowed: Bitmap | null, into: TopK): void;
  memoryBytes(): number;
}

/** Settings of the HNSW graph (Malkov and Yashunin 2018). */
export interface GraphOptions {
  /** Links of a node on the upper layers; the lowest layer has twice as many. */
  readonly M: number;
  /** Search width during insertion. */
  readonly efConstruction: number;
  /** Search width of a query. */
  readonly efSearch: number;
}
