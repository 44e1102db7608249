import { graphDeadNodesMin, graphDeadPercentMax } from '../limits.ts';
import { listBits } from '../slots/bitmap.ts';
import { vectorChecksum } from './duplicate-vectors.ts';
import type { VectorStore } from '../vectors/vector-store.ts';
import { compactUntil, isCompactionDue, startCompaction } from './compact.ts';
import { createGraph } from './graph.ts';
import { createGraphState, insertNext, own, wait, type GraphState } from './graph-state.ts';
import { copyVector, takeNode } from './node-memory.ts';
import { repairUntil } from './repair.ts';

/** Whether so many vectors have a graph. Those that have become fewer keep it until they are half as many. */
export function wantsGraph({ graph: { linked, options } }: GraphState, { size }: Pick<VectorStore, 'size'>): boolean {
  return size > options.scanned || (linked > 0 && size * 2 > options.scanned);
}

/** The same vectors, all of them without links. */
export function unlinked({ graph, nodeOf }: GraphState, store: VectorStore): GraphState {
  const state = createGraphState(createGraph(store.dimension, store.metric, graph.options));
  const slots = new Uint32Array(store.size);
  const length = listBits(store.live, slots);
  for (const slot of slots.subarray(0, length)) {
    const node = takeNode(state.graph.nodes, slot, vectorChecksum(store, slot), false);
    copyVector(graph.nodes, nodeOf[slot]! - 1, state.graph.nodes, node);
    own(state, slot, node);
    wait(state, slot);
  }
  // The file is to go.
  state.unsaved = 1;
  return state;
}

/**
 * Goes on with what has begun until the time is over, at least one step. Returns how many vectors still wait, and one
 * more while there is other work.
 */
export function work(end: number, now: () => number, state: GraphState, store: VectorStore): number {
  // Dead nodes are taken out first, so that writing without a pause does not take new memory for each vector.
  if (compactSome(end, now, state) && repairSome(end, now, state)) insertUntil(end, now, state, store);
  if (isCompactionDue(state)) state.compaction = startCompaction(state.graph);
  return state.pending.length + Number(state.repair !== null || state.compaction !== null);
}

export function isRepairDue({ repair, graph: { dead, linked } }: GraphState): boolean {
  return repair === null && dead >= graphDeadNodesMin && dead * 100 >= (dead + linked) * graphDeadPercentMax;
}

/** Copies the graph without free nodes, if that has begun. False when the time is over. */
function compactSome(end: number, now: () => number, state: GraphState): boolean {
  if (state.compaction === null || state.frozen) return true;
  if (!compactUntil(end, now, state, state.compaction)) return false;
  state.compaction = null;
  return true;
}

/** Takes dead nodes out, if that has begun. False when the time is over. */
function repairSome(end: number, now: () => number, state: GraphState): boolean {
  if (state.repair === null || state.frozen) return true;
  if (!repairUntil(end, now, state.graph, state.repair)) return false;
  state.repair = null;
  return true;
}

/** Links waiting vectors, at least one. */
function insertUntil(end: number, now: () => number, state: GraphState, store: VectorStore): void {
  while (!state.frozen && state.pending.length > 0) {
    insertNext(state, store);
    if (now() >= end) return;
  }
}
