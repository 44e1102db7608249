import { denseCandidatesMin, graphDeadNodesMin, graphDeadPercentMax, graphNodesStart } from '../search/limits.ts';
import { hasBit, type Bitmap } from './bitmap.ts';
import { createExactIndex } from './exact-index.ts';
import { createGraph } from './hnsw-graph.ts';
import { denseQuery } from './dense-query.ts';
import { createCandidates, selectExact } from './rescore.ts';
import type { TopK } from './top-k.ts';
import { createTrack, forget, linkNext, queue, queueAll, type Track } from './track.ts';
import { loadTrack, saveTrack } from './track-file.ts';
import type { GraphOptions, VectorIndex } from './types.ts';
import { dropVector, holdsVector, storeVector, vectorBytes, type VectorStore } from './vector-store.ts';
import { collect, type Walk } from './walk.ts';

/** A graph over the vectors of a store, with those that are not in it yet scanned exactly. */
export interface HnswIndex extends VectorIndex {
  /** Brute force over the same vectors. */
  readonly exact: VectorIndex;
  /** As `nearest`, with a say in how the graph is walked. */
  nearestWithin(query: Float32Array, walk: Walk, allowed: Bitmap | null, into: TopK): void;
  /** Adds waiting vectors to the graph for about `budgetMs`, at least one; returns how many still wait, a rebuild's included. */
  advance(budgetMs: number): number;
  /** True when so many nodes are dead that a new graph is due. */
  needsRebuild(): boolean;
  /** Starts a second graph without dead nodes; `advance` fills it and then puts it in place. */
  startRebuild(): void;
  /** Writes the graph while searches and changes go on; returns how many vectors it holds. @throws StoreError STORE_BUSY, DISK_WRITE */
  save(path: string): Promise<number>;
  /**
   * Takes over a graph file whose checksum was verified, and which holds `expected` vectors if that is given. False when it is
   * not usable; all is as before then.
   */
  load(path: string, expected?: number): boolean;
}

/** @param now clock in milliseconds */
export function createHnswIndex(store: VectorStore, options: GraphOptions, now: () => number): HnswIndex {
  const exact = createExactIndex(store);
  const candidates = createCandidates();
  let current = createTrack(createGraph(store.dimension, store.metric, options));
  let next: Track | null = null;

  const nearestWithin: HnswIndex['nearestWithin'] = (vector, walk, allowed, into) => {
    const query = denseQuery(store, vector);
    collect(current, store, query, walk, allowed, candidates);
    selectExact(candidates, store, query, walk.count, into);
  };
  const settle = (): number => {
    if (next !== null && next.pending.length === 0 && !current.frozen) {
      current.graph.release();
      current = next;
      next = null;
    }
    return current.pending.length + (next?.pending.length ?? 0);
  };

  return {
    exact,
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
    advance(budgetMs) {
      const end = now() + budgetMs;
      for (const track of next === null ? [current] : [current, next]) {
        while (!track.frozen && track.pending.length > 0) {
          linkNext(track, store);
          if (now() >= end) return settle();
        }
      }
      return settle();
    },
    needsRebuild: () =>
      next === null && current.dead >= graphDeadNodesMin && current.dead * 100 >= current.graph.nodes() * graphDeadPercentMax,
    startRebuild() {
      next?.graph.release();
      next = createTrack(createGraph(store.dimension, store.metric, options, store.size + graphNodesStart));
      queueAll(next, store);
    },
    save: (path) => saveTrack(current, path, store.dimension, options.M),
    load(path, expected) {
      if (current.frozen) return false;
      const loaded = loadTrack(path, store, options, expected);
      if (loaded === null) return false;
      current.graph.release();
      next?.graph.release();
      current = loaded;
      next = null;
      return true;
    },
    memoryBytes: () => vectorBytes(store) + [current, next].reduce((sum, track) => sum + trackBytes(track, store, options), 0),
  };
}

function trackBytes(track: Track | null, store: VectorStore, options: GraphOptions): number {
  if (track === null) return 0;
  const node = 4 * store.dimension + 8 * options.M + 16;
  return track.graph.nodes() * node + track.linked.byteLength + track.generations.byteLength + track.pending.slots.byteLength;
}
