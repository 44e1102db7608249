import { existsSync, rmSync } from 'node:fs';
import { StoreError } from '../errors.ts';
import {
  denseCandidatesMin,
  graphDeadNodesMin,
  graphDeadPercentMax,
  graphNodesStart,
  graphSearchWidthMax,
} from '../search/limits.ts';
import { hasBit, type Bitmap } from './bitmap.ts';
import { createExactIndex, scanList } from './exact-index.ts';
import { countFileNodes, visitGraphFile } from './graph-file.ts';
import { createGraph, readGraph, type LabelTest } from './hnsw-graph.ts';
import { labelSlot } from './label.ts';
import { addCandidate, createCandidates, denseQuery, selectExact, type Candidates, type DenseQuery } from './rescore.ts';
import type { TopK } from './top-k.ts';
import { adopt, createTrack, forget, isCurrent, linkNext, queue, queueAll, thaw, type Track } from './track.ts';
import type { GraphOptions, VectorIndex } from './types.ts';
import {
  dropVector,
  holdsVector,
  storeVector,
  vectorBlock,
  vectorBytes,
  vectorOffset,
  type VectorStore,
} from './vector-store.ts';

// What a node of a graph file is.
const DEAD = 0;
const OUTDATED = 1;
const PRESENT = 2;

/** A graph over the vectors of a store, with those that are not in it yet scanned exactly. */
export interface HnswIndex extends VectorIndex {
  /** Brute force over the same vectors. */
  readonly exact: VectorIndex;
  /** As `nearest`, with candidates for `count` taken at search width `width`, or wider where `count` needs it. */
  nearestWithin(query: Float32Array, count: number, candidates: number, width: number, allowed: Bitmap | null, into: TopK): void;
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
  const scratch = new Float32Array(store.dimension);
  let current = createTrack(createGraph(store.dimension, store.metric, options));
  let next: Track | null = null;

  const nearestWithin: HnswIndex['nearestWithin'] = (vector, count, wanted, width, allowed, into) => {
    const query = denseQuery(store, vector, scratch);
    candidates.length = 0;
    addFromGraph(current, store, query, wanted, width, allowed, candidates);
    scanList(store, query, current.pending.slots, current.pending.length, allowed, candidates);
    selectExact(candidates, query, count, into);
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
    nearest: (query, count, allowed, into) =>
      nearestWithin(query, count, Math.max(2 * count, denseCandidatesMin), options.efSearch, allowed, into),
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

function addFromGraph(
  track: Track,
  store: VectorStore,
  query: DenseQuery,
  wanted: number,
  width: number,
  allowed: Bitmap | null,
  into: Candidates,
): void {
  const nodes = track.graph.nodes();
  if (nodes === 0 || wanted === 0) return;
  // Nodes that died since the graph was frozen are not marked: they may come back and take the place of others.
  const count = Math.min(wanted + track.unmarked.length, nodes, graphSearchWidthMax);
  const found = track.graph.search(query.vector, query.norm, count, Math.max(width, count), labelTest(track, allowed));
  const { neighbors, distances } = found;
  // Rounding of a float32 sum of products or squares, in units of its sum of magnitudes.
  const rounding = (store.dimension + 4) * 2 ** -22;
  for (let at = 0; at < neighbors.length; at += 1) {
    const label = neighbors[at]!;
    if (!isCurrent(track, label)) continue;
    const slot = labelSlot(label);
    const distance = distances[at]!;
    let key = -distance;
    let error = rounding * distance;
    if (store.metric === 'cosine') {
      key = 1 - distance;
      error = rounding;
    } else if (store.metric === 'dotproduct') {
      key = (1 - distance) * query.norm;
      error = rounding * query.norm * Math.max(1, store.norms[slot]!);
    }
    if (allowed === null || hasBit(allowed, slot)) addCandidate(into, slot, key, error);
    if (track.twins.groups.size === 0) continue;
    for (const twin of track.twins.groups.get(slot) ?? []) {
      if (allowed === null || hasBit(allowed, twin)) addCandidate(into, twin, key, error);
    }
  }
}

/** A node is of use when its slot is allowed, or one that shares it. */
function labelTest({ twins: { groups } }: Track, allowed: Bitmap | null): LabelTest | null {
  if (allowed === null) return null;
  if (groups.size === 0) return (label) => hasBit(allowed, labelSlot(label));
  return (label) => {
    const slot = labelSlot(label);
    if (hasBit(allowed, slot)) return true;
    for (const twin of groups.get(slot) ?? []) if (hasBit(allowed, twin)) return true;
    return false;
  };
}

async function saveTrack(track: Track, path: string, dimension: number, M: number): Promise<number> {
  if (track.frozen) throw new StoreError('STORE_BUSY', 'the graph is being saved already; wait for that to end');
  const nodes = track.graph.nodes();
  const linked = nodes - track.dead;
  track.frozen = true;
  try {
    rmSync(path, { force: true });
    await track.graph.save(path);
    // The native writer does not notice that a disk is full or a folder missing.
    if (countFileNodes(path, dimension, M) !== nodes) throw new Error('the file is incomplete');
  } catch (cause) {
    throw new StoreError('DISK_WRITE', `the graph could not be written to ${path}; check the disk's space and rights`, { cause });
  } finally {
    thaw(track);
  }
  return linked;
}

/** Reads a graph and compares each node with the present vectors: what does not match is dead, what is missing waits. */
function loadTrack(path: string, store: VectorStore, options: GraphOptions, expected?: number): Track | null {
  if (!existsSync(path)) return null;
  const labels: number[] = [];
  const states: number[] = [];
  const matches = visitGraphFile(path, store.dimension, options.M, ({ label, dead, vector }) => {
    labels.push(label);
    states.push(dead ? DEAD : isPresent(store, labelSlot(label), vector) ? PRESENT : OUTDATED);
  });
  if (!matches || labels.length === 0) return null;
  if (expected !== undefined && states.filter((state) => state !== DEAD).length !== expected) return null;
  try {
    const track = createTrack(readGraph(path, store.dimension, store.metric));
    queueAll(track, store);
    for (let at = 0; at < labels.length; at += 1) adopt(track, store, labels[at]!, states[at] === DEAD, states[at] === PRESENT);
    return track;
  } catch {
    return null;
  }
}

function isPresent(store: VectorStore, slot: number, stored: Float32Array): boolean {
  if (!hasBit(store.live, slot)) return false;
  const block = vectorBlock(store, slot);
  const from = vectorOffset(store, slot);
  const scale = store.metric === 'cosine' ? 1 / store.norms[slot]! : 1;
  for (let at = 0; at < store.dimension; at += 1) if (Math.fround(block[from + at]! * scale) !== stored[at]!) return false;
  return true;
}

function trackBytes(track: Track | null, store: VectorStore, options: GraphOptions): number {
  if (track === null) return 0;
  const node = 4 * store.dimension + 8 * options.M + 16;
  return track.graph.nodes() * node + track.linked.byteLength + track.generations.byteLength + track.pending.slots.byteLength;
}
