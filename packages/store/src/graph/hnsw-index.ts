import { denseCandidatesMin, graphDeadNodesMin, graphDeadPercentMax, graphNodesStart } from '../limits.ts';
import { hasBit, type Bitmap } from '../slots/bitmap.ts';
import { createExactIndex } from '../vectors/exact-index.ts';
import { createGraph } from './hnsw-graph.ts';
import { denseQuery } from '../vectors/dense-query.ts';
import { createCandidates, selectExact } from '../vectors/candidates.ts';
import type { TopK } from '../slots/top-k.ts';
import { createGraphState, forget, insertNext, queue, queueAll, type GraphState } from './graph-state.ts';
import type { Part } from '../parts/part.ts';
import { loadGraphState, saveGraphState, saveNodes } from './state-file.ts';
import type { GraphOptions, VectorIndex } from '../vectors/types.ts';
import { dropVector, holdsVector, storeVector, vectorBytes, type VectorStore } from '../vectors/vector-store.ts';
import { collect, type Walk } from './walk.ts';

/** Maintenance of a graph between searches. */
export interface GraphUpkeep {
  /** False in an index of sparse vectors only: then there is nothing to save. */
  readonly hasGraph: boolean;
  /**
   * Adds waiting vectors to the graph for about `budgetMs`, at least one. Returns how many still wait, including those
   * of a rebuild.
   */
  insertSlice(budgetMs: number): number;
  /** True when enough nodes are dead that the graph should be rebuilt. */
  needsRebuild(): boolean;
  /** Starts a second graph without dead nodes and removed vectors. `insertSlice` fills it and then swaps it in. */
  startRebuild(): void;
  /**
   * Saves the graph while searches and changes go on. Returns how many vectors it holds.
   *
   * @throws StoreError STORE_BUSY, DISK_WRITE
   */
  saveGraph(path: string): Promise<number>;
  /**
   * Loads a graph file whose checksum was verified. Nodes that do not hold the present vector of their slot are
   * dropped, and missing vectors wait for `insertSlice`. Returns false, with nothing changed, when the file is not a
   * graph of this index or does not hold `expectedVectors` (the result of `saveGraph`). With the nodes of `saveNodes`
   * it reads no vectors.
   */
  loadGraph(path: string, expectedVectors?: number, nodes?: Part | null): boolean;
  /** What the graph has nodes for. To be called in the same turn as `saveGraph`; null where nothing is known. */
  saveNodes(): Part | null;
  /** Vectors added to the graph since it was saved or loaded. */
  unsaved(): number;
}

/** A graph over the vectors of a store. Vectors that are not in it yet are scanned exactly. */
export interface HnswIndex extends VectorIndex, GraphUpkeep {
  /** Brute force over the same vectors. */
  readonly exact: VectorIndex;
  /** Like `nearest`, with control over the walk of the graph. */
  nearestWithin(query: Float32Array, walk: Walk, allowed: Bitmap | null, into: TopK): void;
}

/** @param now clock in milliseconds */
export function createHnswIndex(store: VectorStore, options: GraphOptions, now: () => number): HnswIndex {
  const exact = createExactIndex(store);
  const candidates = createCandidates();
  let current = createGraphState(createGraph(store.dimension, store.metric, options));
  let next: GraphState | null = null;
  queueAll(current, store);

  const nearestWithin: HnswIndex['nearestWithin'] = (vector, walk, allowed, into) => {
    const query = denseQuery(store, vector);
    collect({ state: current, store, query, walk, allowed, into: candidates });
    selectExact(candidates, store, query, walk.count, into);
  };
  const finishRebuild = (): number => {
    if (next !== null && next.pending.length === 0 && !current.frozen) {
      current.graph.release();
      current = next;
      next = null;
    }
    return current.pending.length + (next?.pending.length ?? 0);
  };

  return {
    exact,
    hasGraph: true,
    size: () => store.size,
    put(slot, vector) {
      // A change of metadata alone costs the graph nothing.
      if (holdsVector(store, slot, vector)) return;
      storeVector(store, slot, vector);
      queue(current, slot);
      if (next !== null) queue(next, slot);
    },
    remove(slot) {
      if (!hasBit(store.live, slot)) return;
      forget(current, slot);
      if (next !== null) forget(next, slot);
      dropVector(store, slot);
    },
    nearest(query, count, allowed, into) {
      const walk = { count, candidates: Math.max(2 * count, denseCandidatesMin), width: options.efSearch };
      nearestWithin(query, walk, allowed, into);
    },
    nearestWithin,
    insertSlice(budgetMs) {
      const end = now() + budgetMs;
      for (const state of next === null ? [current] : [current, next]) if (!insertUntil(end, now, state, store)) break;
      return finishRebuild();
    },
    needsRebuild: () =>
      next === null && current.dead >= graphDeadNodesMin && current.dead * 100 >= current.graph.nodes() * graphDeadPercentMax,
    startRebuild() {
      next?.graph.release();
      next = createGraphState(createGraph(store.dimension, store.metric, options, store.size + graphNodesStart));
      queueAll(next, store);
    },
    saveGraph: (path) => saveGraphState(current, path, store.dimension, options.M),
    saveNodes: () => saveNodes(current, store),
    loadGraph(path, expected, nodes = null) {
      if (current.frozen) return false;
      const loaded = loadGraphState({ path, expected, nodes }, store, options);
      if (loaded === null) return false;
      current.graph.release();
      next?.graph.release();
      current = loaded;
      next = null;
      return true;
    },
    unsaved: () => current.unsaved,
    memoryBytes: () => vectorBytes(store) + [current, next].reduce((sum, state) => sum + stateBytes(state, store, options), 0),
  };
}

/** Adds waiting vectors, at least one. False when the time is over. */
function insertUntil(end: number, now: () => number, state: GraphState, store: VectorStore): boolean {
  while (!state.frozen && state.pending.length > 0) {
    insertNext(state, store);
    if (now() >= end) return false;
  }
  return true;
}

function stateBytes(state: GraphState | null, store: VectorStore, options: GraphOptions): number {
  if (state === null) return 0;
  const node = 4 * store.dimension + 8 * options.M + 16;
  return state.graph.nodes() * node + state.linked.byteLength + state.generations.byteLength + state.pending.slots.byteLength;
}
