import { denseCandidatesMin } from '../limits.ts';
import { hasBit, type Bitmap } from '../slots/bitmap.ts';
import { createExactIndex } from '../vectors/exact-index.ts';
import { denseQuery } from '../vectors/dense-query.ts';
import { createCandidates, selectExact } from '../vectors/candidates.ts';
import type { TopK } from '../slots/top-k.ts';
import { createGraph, memoryOf, type Graph } from './graph.ts';
import { createGraphState, forget, hasNodes, queueCoded, queueMissing } from './graph-state.ts';
import { codeVector } from '../vectors/quantise.ts';
import { startRepair } from './repair.ts';
import { matchGraph, saveGraphState } from './state-file.ts';
import type { Asked, GraphOptions, VectorIndex, Walk } from '../vectors/types.ts';
import { checkVector, dropVector, holdsVector, storeVector, vectorBytes, type VectorStore } from '../vectors/vector-store.ts';
import { isRepairDue, unlinked, wantsGraph, work } from './upkeep.ts';
import { collect, compare } from './walk.ts';

/** Maintenance of a graph between searches. */
export interface GraphUpkeep {
  /** False in an index of sparse vectors only: then there is nothing to save. */
  readonly hasGraph: boolean;
  /**
   * Copies the graph without free nodes or takes dead ones out, if that has begun, then links waiting vectors, for
   * about `budgetMs`, at least one step. Returns how many vectors still wait; one more while there is other work.
   */
  insertSlice(budgetMs: number): number;
  /** True when enough nodes are dead that they should be taken out. */
  needsRepair(): boolean;
  /** Begins to take the dead nodes out of the graph. `insertSlice` does it. */
  startRepair(): void;
  /**
   * Saves the graph while searches and changes go on. Returns how many vectors it holds. Without any, there is no file.
   *
   * @throws StoreError STORE_BUSY, DISK_WRITE
   */
  saveGraph(path: string): Promise<number>;
  /**
   * Takes a graph that was read. Nodes that do not hold the present vector of their slot are dead, and missing vectors
   * wait for `insertSlice`. Returns false, with nothing changed, when there is none, or the present one is being saved.
   */
  takeGraph(graph: Graph | null): boolean;
  /** Vectors linked since the graph was saved or loaded. */
  unsaved(): number;
  /** Vectors that wait to be linked. 0 while there are too few for a graph. */
  waiting(): number;
}

/** A graph over the vectors of a store. Vectors that are not linked yet are scanned exactly. */
export interface HnswIndex extends VectorIndex, GraphUpkeep {
  /** Brute force over the same vectors. */
  readonly exact: VectorIndex;
  /** Like `nearest`, with control over the walk of the graph. */
  nearestWithin(query: Float32Array, walk: Walk, allowed: Bitmap | null, into: TopK, asked?: Asked | null): void;
}

/** @param now clock in milliseconds */
export function createHnswIndex(store: VectorStore, options: GraphOptions, now: () => number): HnswIndex {
  const exact = createExactIndex(store);
  const candidates = createCandidates();
  let state = createGraphState(createGraph(store.dimension, store.metric, options));
  store.coarse = { addTo: (into, query, slots, count) => compare(state, store, query, slots, count, into) };

  // Vectors that were there before are read only when no file has the graph.
  let isComplete = store.size === 0;
  const complete = (): void => {
    if (!isComplete) queueMissing(state, store);
    isComplete = true;
  };

  const nearestWithin: HnswIndex['nearestWithin'] = (vector, walk, allowed, into) => {
    complete();
    const query = denseQuery(store, vector);
    collect({ state, store, query, walk, allowed, into: candidates });
    selectExact(candidates, store, query, into);
  };

  return {
    exact,
    hasGraph: true,
    size: () => store.size,
    put(slot, vector, coded = codeVector(vector, checkVector(store, vector, `vector of slot ${slot}`))) {
      // A change of metadata alone costs the graph nothing.
      if (holdsVector(store, slot, vector)) return;
      storeVector(store, slot, vector, coded.norm);
      queueCoded(state, store, slot, coded);
    },
    remove(slot) {
      if (!hasBit(store.live, slot)) return;
      forget(state, slot);
      dropVector(store, slot);
    },
    ask: () => null,
    nearest(query, count, allowed, into) {
      const walk = { count, candidates: Math.max(2 * count, denseCandidatesMin), width: options.efSearch };
      nearestWithin(query, walk, allowed, into);
    },
    nearestWithin,
    insertSlice(budgetMs) {
      complete();
      if (wantsGraph(state, store)) return work(now() + budgetMs, now, state, store);
      if (hasNodes(state) && !state.frozen) state = unlinked(state, store);
      return 0;
    },
    needsRepair: () => isRepairDue(state),
    startRepair() {
      state.repair = startRepair(state.graph);
    },
    saveGraph: (path) => saveGraphState(state, path),
    takeGraph(graph) {
      const matched = graph === null || state.frozen ? null : matchGraph(graph, store);
      state = matched ?? state;
      isComplete ||= matched !== null;
      complete();
      return matched !== null;
    },
    unsaved: () => state.unsaved,
    waiting: () => (wantsGraph(state, store) ? state.pending.length : 0),
    memoryBytes: () => vectorBytes(store) + memoryOf(state.graph) + state.nodeOf.byteLength + state.pending.slots.byteLength,
  };
}
