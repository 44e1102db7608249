import { slotGenerationsMax, slotsMax } from '../limits.ts';
import { listBits } from '../slots/bitmap.ts';
import { growUint16, growUint8 } from '../slots/grow.ts';
import type { Graph } from './hnsw-graph.ts';
import {
  addSlot,
  createSlotList,
  createSlotPositions,
  dropSlot,
  isListed,
  type SlotList,
  type SlotPositions,
} from '../slots/slot-list.ts';
import {
  addOwner,
  createDuplicates,
  joinDuplicate,
  leaveDuplicate,
  removeOwner,
  type DuplicateVectors,
} from './duplicate-vectors.ts';
import { vectorBlock, vectorOffset, type VectorStore } from '../vectors/vector-store.ts';

/**
 * One graph and what stands between it and the vectors: which slots it answers for and which still wait to be added.
 */
export interface GraphState {
  graph: Graph;
  /** 1 for a slot whose newest node holds its present vector; see also `duplicates`. */
  linked: Uint8Array;
  /** Nodes that each slot has used up. */
  generations: Uint16Array;
  readonly pending: SlotList;
  readonly pendingPositions: SlotPositions;
  readonly duplicates: DuplicateVectors;
  /** Dead nodes of the graph, those of `unmarked` included. */
  dead: number;
  /** True while the graph is being written to a file and must not change. */
  frozen: boolean;
  /** Labels that died while the graph was frozen. */
  readonly unmarked: number[];
}

export function createGraphState(graph: Graph): GraphState {
  return {
    graph,
    linked: new Uint8Array(0),
    generations: new Uint16Array(0),
    pending: createSlotList(),
    pendingPositions: createSlotPositions(),
    duplicates: createDuplicates(),
    dead: 0,
    frozen: false,
    unmarked: [],
  };
}

/** Lets every live vector wait to be added. */
export function queueAll(state: GraphState, store: VectorStore): void {
  const slots = new Uint32Array(store.size);
  const length = listBits(store.live, slots);
  for (let at = 0; at < length; at += 1) queue(state, slots[at]!);
}

/** The slot got a new vector: its node is dead, and the new one waits. */
export function queue(state: GraphState, slot: number): void {
  unlink(state, slot);
  wait(state, slot);
}

/** The slot lost its vector. */
export function forget(state: GraphState, slot: number): void {
  unlink(state, slot);
  if (isListed(state.pendingPositions, slot)) dropSlot(state.pending, state.pendingPositions, slot);
}

/** True for a label whose node answers for its slot. */
export function isCurrent(state: GraphState, label: number): boolean {
  const slot = labelSlot(label);
  return state.linked[slot] === 1 && newestGeneration(state, slot) === labelGeneration(label);
}

/** Adds one waiting vector to the graph, if none is there that equals it. */
export function insertNext(state: GraphState, store: VectorStore): void {
  const slot = state.pending.slots[state.pending.length - 1]!;
  dropSlot(state.pending, state.pendingPositions, slot);
  if (joinDuplicate(state.duplicates, store, slot)) return;
  state.linked = growUint8(state.linked, slot);
  state.generations = growUint16(state.generations, slot);
  // With its labels used up, a slot moves its newest node, which is dead, to the new vector.
  if (state.generations[slot]! < slotGenerationsMax) state.generations[slot]! += 1;
  else state.dead -= 1;
  const label = labelOf(slot, newestGeneration(state, slot));
  state.graph.addPoint(label, store.norms[slot]!, vectorBlock(store, slot), vectorOffset(store, slot));
  state.linked[slot] = 1;
  addOwner(state.duplicates, store, slot);
}

/** Takes over a node of a graph that was read from a file: one that holds the slot's present vector is linked. */
export function restoreNode(state: GraphState, store: VectorStore, label: number, dead: boolean, isPresent: boolean): void {
  const slot = labelSlot(label);
  state.linked = growUint8(state.linked, slot);
  state.generations = growUint16(state.generations, slot);
  state.generations[slot] = Math.max(state.generations[slot]!, labelGeneration(label) + 1);
  if (!dead && isPresent && state.linked[slot] === 0) {
    state.linked[slot] = 1;
    addOwner(state.duplicates, store, slot);
    if (isListed(state.pendingPositions, slot)) dropSlot(state.pending, state.pendingPositions, slot);
    return;
  }
  state.dead += 1;
  if (!dead) state.graph.markDead(label);
}

/** Marks what died while the graph was frozen. */
export function unfreeze(state: GraphState): void {
  state.frozen = false;
  for (const label of state.unmarked) state.graph.markDead(label);
  state.unmarked.length = 0;
}

function unlink(state: GraphState, slot: number): void {
  if (leaveDuplicate(state.duplicates, slot) || state.linked[slot] !== 1) return;
  for (const duplicate of removeOwner(state.duplicates, slot)) wait(state, duplicate);
  const label = labelOf(slot, newestGeneration(state, slot));
  state.linked[slot] = 0;
  state.dead += 1;
  if (state.frozen) state.unmarked.push(label);
  else state.graph.markDead(label);
}

function wait(state: GraphState, slot: number): void {
  if (!isListed(state.pendingPositions, slot)) addSlot(state.pending, state.pendingPositions, slot);
}

function newestGeneration(state: GraphState, slot: number): number {
  return state.generations[slot]! - 1;
}

// hnswlib moves an existing label to a new vector about fifteen times slower than it adds a new one, and moving loses
// links. So each vector gets a label of its own: the slot in the low 24 bits, above it how many nodes the slot had
// before.

function labelOf(slot: number, generation: number): number {
  return generation * slotsMax + slot;
}

export function labelSlot(label: number): number {
  return label % slotsMax;
}

function labelGeneration(label: number): number {
  return Math.floor(label / slotsMax);
}
