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

/** One graph and its relation to the vectors: which slots it covers, and which ones still wait to be added. */
export interface GraphState {
  graph: Graph;
  /** 1 for a slot whose newest node holds its present vector. See also `duplicates`. */
  linked: Uint8Array;
  /** Number of nodes that each slot has used. */
  generations: Uint16Array;
  readonly pending: SlotList;
  readonly pendingPositions: SlotPositions;
  readonly duplicates: DuplicateVectors;
  /** Nodes added since the graph was saved or loaded. */
  unsaved: number;
  /** Dead nodes of the graph, including those of `unmarked`. */
  dead: number;
  /** True while the graph is being saved to a file. It must not change then. */
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
    unsaved: 0,
    dead: 0,
    frozen: false,
    unmarked: [],
  };
}

/** Queues every live vector to be added. */
export function queueAll(state: GraphState, store: VectorStore): void {
  const slots = new Uint32Array(store.size);
  const length = listBits(store.live, slots);
  for (let at = 0; at < length; at += 1) queue(state, slots[at]!);
}

/** Records that the slot has a new vector: its node is dead, and the new vector waits. */
export function queue(state: GraphState, slot: number): void {
  unlink(state, slot);
  wait(state, slot);
}

/** Records that the slot has no vector any more. */
export function forget(state: GraphState, slot: number): void {
  unlink(state, slot);
  if (isListed(state.pendingPositions, slot)) dropSlot(state.pending, state.pendingPositions, slot);
}

/** True for a label whose node holds the present vector of its slot. */
export function isCurrent(state: GraphState, label: number): boolean {
  const slot = labelSlot(label);
  return state.linked[slot] === 1 && newestGeneration(state, slot) === labelGeneration(label);
}

/** Adds one waiting vector to the graph, unless an equal one is there. */
export function insertNext(state: GraphState, store: VectorStore): void {
  const slot = state.pending.slots[state.pending.length - 1]!;
  dropSlot(state.pending, state.pendingPositions, slot);
  if (joinDuplicate(state.duplicates, store, slot)) return;
  state.linked = growUint8(state.linked, slot);
  state.generations = growUint16(state.generations, slot);
  // A slot that has used all its labels moves its newest node, which is dead, to the new vector.
  if (state.generations[slot]! < slotGenerationsMax) state.generations[slot]! += 1;
  else state.dead -= 1;
  const label = newestLabel(state, slot);
  state.graph.addPoint(label, store.norms[slot]!, vectorBlock(store, slot), vectorOffset(store, slot));
  state.linked[slot] = 1;
  state.unsaved += 1;
  addOwner(state.duplicates, store, slot);
}

/** Takes over a node of a graph that was read from a file. The node is linked if it holds the slot's present vector. */
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

/** Marks the nodes that died while the graph was frozen. */
export function unfreeze(state: GraphState): void {
  state.frozen = false;
  for (const label of state.unmarked) state.graph.markDead(label);
  state.unmarked.length = 0;
}

function unlink(state: GraphState, slot: number): void {
  if (leaveDuplicate(state.duplicates, slot) || state.linked[slot] !== 1) return;
  for (const duplicate of removeOwner(state.duplicates, slot)) wait(state, duplicate);
  const label = newestLabel(state, slot);
  state.linked[slot] = 0;
  state.dead += 1;
  if (state.frozen) state.unmarked.push(label);
  else state.graph.markDead(label);
}

function wait(state: GraphState, slot: number): void {
  if (!isListed(state.pendingPositions, slot)) addSlot(state.pending, state.pendingPositions, slot);
}

/** Label of the newest node of a slot. */
export function newestLabel(state: GraphState, slot: number): number {
  return labelOf(slot, newestGeneration(state, slot));
}

function newestGeneration(state: GraphState, slot: number): number {
  return state.generations[slot]! - 1;
}

// In hnswlib, moving an existing label to a new vector is about fifteen times slower than adding a new one, and it
// loses links. So each vector gets a label of its own: the slot in the low 24 bits, and above it the number of nodes
// that the slot had before.

function labelOf(slot: number, generation: number): number {
  return generation * slotsMax + slot;
}

export function labelSlot(label: number): number {
  return label % slotsMax;
}

function labelGeneration(label: number): number {
  return Math.floor(label / slotsMax);
}
