import { listBits } from '../slots/bitmap.ts';
import { growUint32 } from '../slots/grow.ts';
import {
  addSlot,
  createSlotList,
  createSlotPositions,
  dropSlot,
  isListed,
  type SlotList,
  type SlotPositions,
} from '../slots/slot-list.ts';
import { vectorBlock, vectorOffset, type VectorStore } from '../vectors/vector-store.ts';
import {
  addOwner,
  createDuplicates,
  joinDuplicate,
  leaveDuplicate,
  removeOwner,
  vectorChecksum,
  type DuplicateVectors,
} from './duplicate-vectors.ts';
import { isAlive, markDead, type Graph } from './graph.ts';
import { linkNode } from './link.ts';
import { freeNode, setCoded, setVector, takeNode, type Compaction } from './node-memory.ts';
import type { CodedVector } from '../vectors/quantise.ts';
import type { Repair } from './repair.ts';

/** A graph and its relation to the vectors: the node of each slot, and which ones still wait to be linked. */
export interface GraphState {
  readonly graph: Graph;
  /** Node of each slot's present vector, plus one; 0 for none. */
  nodeOf: Uint32Array;
  readonly pending: SlotList;
  readonly pendingPositions: SlotPositions;
  readonly duplicates: DuplicateVectors;
  /** Nodes linked since the graph was saved or loaded. */
  unsaved: number;
  /** True while the graph is being saved to a file. Links must not change then, and free nodes are not taken again. */
  frozen: boolean;
  /** The pass that is taking dead nodes out. */
  repair: Repair | null;
  /** The copy that leaves out free nodes. Links must not change then, and free nodes are not taken again. */
  compaction: Compaction | null;
}

export function createGraphState(graph: Graph): GraphState {
  return {
    graph,
    nodeOf: new Uint32Array(0),
    pending: createSlotList(),
    pendingPositions: createSlotPositions(),
    duplicates: createDuplicates(),
    unsaved: 0,
    frozen: false,
    repair: null,
    compaction: null,
  };
}

/** Queues every live vector that has no node yet. */
export function queueMissing(state: GraphState, store: VectorStore): void {
  const slots = new Uint32Array(store.size);
  const length = listBits(store.live, slots);
  for (let at = 0; at < length; at += 1) {
    const slot = slots[at]!;
    if (nodeIn(state, slot) < 0) queue(state, store, slot, vectorBlock(store, slot), vectorOffset(store, slot));
  }
}

/** The slot has a vector that has no node yet. */
function queue(state: GraphState, store: VectorStore, slot: number, block: Float32Array, from: number): void {
  setVector(state.graph.nodes, takeWaiting(state, store, slot), block, from, store.norms[slot]!);
}

/** The slot has a new vector: its old node is dead, and the new one waits to be linked. */
export function queueCoded(state: GraphState, store: VectorStore, slot: number, coded: CodedVector): void {
  setCoded(state.graph.nodes, takeWaiting(state, store, slot), coded);
}

function takeWaiting(state: GraphState, store: VectorStore, slot: number): number {
  forget(state, slot);
  const isFree = !state.frozen && state.compaction === null;
  const node = takeNode(state.graph.nodes, slot, vectorChecksum(store, slot), isFree);
  own(state, slot, node);
  wait(state, slot);
  return node;
}

/** The slot has no vector any more. */
export function forget(state: GraphState, slot: number): void {
  const node = nodeIn(state, slot);
  if (node < 0) return;
  if (isListed(state.pendingPositions, slot)) dropSlot(state.pending, state.pendingPositions, slot);
  leaveDuplicate(state.duplicates, slot);
  for (const duplicate of removeOwner(state.duplicates, slot)) wait(state, duplicate);
  state.nodeOf[slot] = 0;
  if (isAlive(state.graph, node)) markDead(state.graph, node);
  else freeNode(state.graph.nodes, node);
}

/** Links one waiting node, unless an equal vector is linked. */
export function insertNext(state: GraphState, store: VectorStore): void {
  const slot = state.pending.slots[state.pending.length - 1]!;
  dropSlot(state.pending, state.pendingPositions, slot);
  if (joinDuplicate(state.duplicates, store, slot)) return;
  linkNode(state.graph, nodeIn(state, slot));
  state.unsaved += 1;
  addOwner(state.duplicates, store, slot);
}

/** True when there is anything to save. */
export const hasNodes = ({ graph: { linked, dead } }: GraphState): boolean => linked + dead > 0;

/** The node of a slot; -1 for none. */
export const nodeIn = ({ nodeOf }: GraphState, slot: number): number => (nodeOf[slot] ?? 0) - 1;

export function own(state: GraphState, slot: number, node: number): void {
  state.nodeOf = growUint32(state.nodeOf, slot);
  state.nodeOf[slot] = node + 1;
}

export function wait(state: GraphState, slot: number): void {
  if (!isListed(state.pendingPositions, slot)) addSlot(state.pending, state.pendingPositions, slot);
}
