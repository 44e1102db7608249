import type { Bitmap } from '../slots/bitmap.ts';
import type { TopK } from '../slots/top-k.ts';

/** Nearest-neighbour search over vectors kept by slot. Keys of results are exact float64 values: larger is nearer. */
export interface VectorIndex {
  /** Vectors held. */
  size(): number;
  /** Puts a vector into a slot, replacing what it held. @throws StoreError VECTOR_* */
  put(slot: number, vector: Float32Array): void;
  /** Takes a vector out; a slot that holds none is left as it is. */
  remove(slot: number): void;
  /**
   * Fills `into` with at most `count` slots, nearest first, equal ones by slot. Keys are cosine, dot product, or
   * squared distance negated. With `allowed` only its slots are returned. Never returns a slot that holds no vector.
   *
   * @throws StoreError VECTOR_* when the query does not fit
   */
  nearest(query: Float32Array, count: number, allowed: Bitmap | null, into: TopK): void;
  memoryBytes(): number;
}

/** Settings of the HNSW graph (Malkov and Yashunin 2018). */
export interface GraphOptions {
  /** Links of a node on the upper layers; twice as many on the lowest. */
  readonly M: number;
  /** Search width while inserting. */
  readonly efConstruction: number;
  /** Search width of a query. */
  readonly efSearch: number;
}
