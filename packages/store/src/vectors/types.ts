import type { CodedVector } from './quantise.ts';
import type { Bitmap } from '../slots/bitmap.ts';
import type { TopK } from '../slots/top-k.ts';

/**
 * Nearest-neighbour search over vectors by slot. Keys of results are exact float64 values; larger is nearer.
 *
 * A search has two halves. `ask` fetches candidates from where the graph is, which takes time if that is another
 * machine. `nearest` then compares them with the vectors of one snapshot, in one turn: no answer has a score that
 * another machine computed.
 */
export interface VectorIndex {
  /** Number of vectors. */
  size(): number;
  /**
   * Puts a vector into a slot and replaces the previous one.
   *
   * @param coded the same vector, coded before
   * @throws StoreError VECTOR_*
   */
  put(slot: number, vector: Float32Array, coded?: CodedVector): void;
  /** Removes a vector. A slot without one stays unchanged. */
  remove(slot: number): void;
  /**
   * Asks for candidates. Null when nothing has to be asked: then `nearest` finds all by itself, in the same turn.
   *
   * @param within called whenever the present scope is needed
   * @throws StoreError ENGINE_UNREACHABLE, ENGINE_REFUSED, ENGINE_BEHIND
   */
  ask(query: Float32Array, walk: Walk, within: () => Within): Promise<Asked | null> | null;
  /**
   * Fills `into` with at most `count` slots, nearest first, equal ones by slot. Keys are cosine, dot product, or
   * negated squared distance. With `allowed`, only its slots are returned. Slots without a vector are never returned.
   *
   * @param asked what `ask` gave. An index that asks elsewhere compares every vector without it
   * @throws StoreError VECTOR_* when the query does not fit the index
   */
  nearest(query: Float32Array, count: number, allowed: Bitmap | null, into: TopK, asked?: Asked | null): void;
  memoryBytes(): number;
}

/** Slots to compare, none of them twice. Whether a slot still holds a vector is looked up when it is compared. */
export interface Asked {
  /** Named as near by the engine. */
  readonly slots: Uint32Array;
  /** Slots whose vectors the engine lacked when it was asked. */
  readonly waiting: Uint32Array;
}

/** What may be in the results of a search. */
export interface Within {
  /** Null when every live slot may. Valid until the next search. */
  readonly slots: Bitmap | null;
  readonly count: number;
  /** Null when there is no other namespace. */
  readonly namespace: string | null;
  /** Records of the namespace. */
  readonly records: number;
}

/** How to search for one query. */
export interface Walk {
  /** Results wanted. */
  readonly count: number;
  /** Fewest candidates to take for exact scoring. */
  readonly candidates: number;
  /** Smallest search width of a graph. */
  readonly width: number;
}

/** Settings of the HNSW graph (Malkov and Yashunin 2018). */
export interface GraphOptions {
  /** Links of a node on the upper layers; the lowest layer has twice as many. */
  readonly M: number;
  /** Search width during insertion. */
  readonly efConstruction: number;
  /** Search width of a query. */
  readonly efSearch: number;
  /** Most vectors that are compared one by one. A graph is built of more. */
  readonly scanned: number;
}

/** Slots with approximate keys and a bound on the error of each. Reused from query to query. */
export interface Candidates {
  length: number;
  slots: Uint32Array;
  keys: Float64Array;
  errors: Float64Array;
  /** The best lower bounds, as many as results are wanted. */
  readonly bounds: TopK;
}
