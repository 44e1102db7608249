import { slotGenerationsMax } from '../search/limits.ts';
import { listBits } from './bitmap.ts';
import { growUint16, growUint8 } from './grow.ts';
import type { Graph } from './hnsw-graph.ts';
import { labelGeneration, labelOf, labelSlot } from './label.ts';
import {
  addSlot,
  createSlotList,
  createSlotPositions,
  dropSlot,
  isListed,
  type SlotList,
  type SlotPositions,
} from './slot-list.ts';
import { addHead, createTwins, joinTwin, leaveTwin, removeHead, type Twins } from './twins.ts';
import { vectorBlock, vectorOffset, type VectorStore } from './vector-store.ts';

/** One graph and what stands between it and the vectors: which slots it answers for and which still wait to be added. */
export interface Track {
  graph: Graph;
  /** 1 for a slot whose newest node holds its present vector; see also `twins`. */
  linked: Uint8Array;
  /** Nodes that each slot has used up. */
  generations: Uint16Array;
  readonly pending: SlotList;
  readonly pendingPositions: SlotPositions;
  readonly twins: Twins;
  /** Dead nodes of the graph, those of `unmarked` included. */
  dead: number;
  /** True while the graph is being written to a file and must not change. */
  frozen: boolean;
  /** Labels that died while the graph was frozen. */
  readonly unmarked: number[];
}

export function createTrack(graph: Graph): Track {
  return {
    graph,
    linked: new Uint8Array(0),
    generations: new Uint16Array(0),
    pending: createSlotList(),
    pendingPositions: createSlotPositions(),
    twins: createTwins(),
    dead: 0,
    frozen: false,
    unmarked: [],
  };
}

/** Lets every live vector wait to be added. */
export function queueAll(track: Track, store: VectorStore): void {
  const slots = new Uint32Array(store.size);
  const length = listBits(store.live, slots);
  for (let at = 0; at < length; at += 1) queue(track, slots[at]!);
}

/** The slot got a new vector: its node is dead, and the new one waits. */
export function queue(track: Track, slot: number): void {
  unlink(track, slot);
  wait(track, slot);
}

/** The slot lost its vector. */
export function forget(track: Track, slot: number): void {
  unlink(track, slot);
  if (isListed(track.pendingPositions, slot)) dropSlot(track.pending, track.pendingPositions, slot);
}

/** True for a label whose node answers for its slot. */
export function isCurrent(track: Track, label: number): boolean {
  const slot = labelSlot(label);
  return track.linked[slot] === 1 && newestGeneration(track, slot) === labelGeneration(label);
}

/** Adds one waiting vector to the graph, if none is there that equals it. */
export function linkNext(track: Track, store: VectorStore): void {
  const slot = track.pending.slots[track.pending.length - 1]!;
  dropSlot(track.pending, track.pendingPositions, slot);
  if (joinTwin(track.twins, store, slot)) return;
  track.linked = growUint8(track.linked, slot);
  track.generations = growUint16(track.generations, slot);
  // With its labels used up, a slot moves its newest node, which is dead, to the new vector.
  if (track.generations[slot]! < slotGenerationsMax) track.generations[slot]! += 1;
  else track.dead -= 1;
  const label = labelOf(slot, newestGeneration(track, slot));
  track.graph.add(label, store.norms[slot]!, vectorBlock(store, slot), vectorOffset(store, slot));
  track.linked[slot] = 1;
  addHead(track.twins, store, slot);
}

/** Takes over a node of a graph that was read from a file: one that holds the slot's present vector is linked. */
export function adopt(track: Track, store: VectorStore, label: number, dead: boolean, isPresent: boolean): void {
  const slot = labelSlot(label);
  track.linked = growUint8(track.linked, slot);
  track.generations = growUint16(track.generations, slot);
  track.generations[slot] = Math.max(track.generations[slot]!, labelGeneration(label) + 1);
  if (!dead && isPresent && track.linked[slot] === 0) {
    track.linked[slot] = 1;
    addHead(track.twins, store, slot);
    if (isListed(track.pendingPositions, slot)) dropSlot(track.pending, track.pendingPositions, slot);
    return;
  }
  track.dead += 1;
  if (!dead) track.graph.markDead(label);
}

/** Marks what died while the graph was frozen. */
export function thaw(track: Track): void {
  track.frozen = false;
  for (const label of track.unmarked) track.graph.markDead(label);
  track.unmarked.length = 0;
}

function unlink(track: Track, slot: number): void {
  if (leaveTwin(track.twins, slot) || track.linked[slot] !== 1) return;
  for (const twin of removeHead(track.twins, slot)) wait(track, twin);
  const label = labelOf(slot, newestGeneration(track, slot));
  track.linked[slot] = 0;
  track.dead += 1;
  if (track.frozen) track.unmarked.push(label);
  else track.graph.markDead(label);
}

function wait(track: Track, slot: number): void {
  if (!isListed(track.pendingPositions, slot)) addSlot(track.pending, track.pendingPositions, slot);
}

function newestGeneration(track: Track, slot: number): number {
  return track.generations[slot]! - 1;
}
