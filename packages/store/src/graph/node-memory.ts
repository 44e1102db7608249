import type { Metric } from '@tributary/schemas';
import { graphBytesMax, graphLivePercentMax, slotsMax } from '../limits.ts';
import { growUint32, growUint8 } from '../slots/grow.ts';
import { createKernel, type Kernel } from './kernel/kernel.ts';
import { quantise, type CodedVector, type Quantised } from '../vectors/quantise.ts';

/** States of a node. */
export const FREE = 0;
/** It has a vector, and no links yet. */
export const WAITING = 1;
export const LINKED = 2;
/** Its vector is gone. Searches pass through it, and never return it. */
export const DEAD = 3;
/** Dead, and links to it are being replaced. */
export const LEAVING = 4;

/** Most nodes of one call of the kernel. */
export const LIST_MAX = 1_024;
const PAGE = 65_536;
/** `M` of the graphs of this program. */
export const GRAPH_LINKS = 16;
/** Float32 numbers of a node behind its codes: base, slope and error of its distances. */
const NUMBERS = 3;

/**
 * The nodes of a graph. Each has a vector in 8 bits a component, and its links on the lowest layer, side by side in one
 * memory that grows in place: `codes ‖ f32 base ‖ f32 slope ‖ f32 error ‖ u32 number of links ‖ links`. Nothing is an
 * object for each node.
 */
export interface NodeMemory {
  readonly dimension: number;
  readonly metric: Metric;
  /** Most links of a node on the upper layers; the lowest has twice as many. */
  readonly M: number;
  readonly layout: Layout;
  readonly memory: WebAssembly.Memory;
  readonly kernel: Kernel;
  /** Views of the memory, replaced when it grows. */
  bytes: Int8Array;
  wide: Int16Array;
  words: Uint32Array;
  floats: Float32Array;
  /** Nodes ever taken. */
  length: number;
  states: Uint8Array;
  levels: Uint8Array;
  /** Slot of the vector, and its checksum, by node. */
  slots: Uint32Array;
  checksums: Uint32Array;
  /** Links on the upper layers: for each layer of a node, from 1, their number and `M` places. */
  upper: Uint32Array;
  upperAt: Uint32Array;
  upperLength: number;
  readonly free: number[];
}

/** Where things are in the memory, in bytes. */
export interface Layout {
  readonly codes: number;
  readonly stride: number;
  readonly first: number;
  /** Room for three queries: that of a search, and two nodes that are compared with others. */
  readonly query: number;
  readonly home: number;
  readonly peer: number;
  readonly ids: number;
  readonly out: number;
}

/**
 * A copy of the graph without free nodes, into memory of its own, which replaces the old one at the end: memory of
 * WebAssembly never shrinks. Searches use the old one meanwhile. Vectors may come and go, links may not change.
 */
export interface Compaction {
  readonly to: NodeMemory;
  /** The new number of each node, plus one; 0 for a free one. Nodes that came later have none. */
  readonly numbers: Uint32Array;
  /** The next node to copy. */
  next: number;
}

export function createNodeMemory(dimension: number, metric: Metric, M: number): NodeMemory {
  const layout = layoutOf(dimension, M);
  const memory = new WebAssembly.Memory({ initial: layout.first / PAGE, maximum: graphBytesMax / PAGE });
  const nothing = new Uint32Array(0);
  const nodes = {
    dimension,
    metric,
    M,
    layout,
    memory,
    kernel: createKernel(memory),
    bytes: new Int8Array(0),
    wide: new Int16Array(0),
    words: nothing,
    floats: new Float32Array(0),
    length: 0,
    states: new Uint8Array(0),
    levels: new Uint8Array(0),
    slots: nothing,
    checksums: nothing,
    upper: nothing,
    upperAt: nothing,
    upperLength: 0,
    free: [],
  };
  refresh(nodes);
  return nodes;
}

/** Most records of an index with vectors of so many components. */
export function vectorsMax(dimension: number): number {
  if (dimension === 0) return slotsMax;
  const { first, stride } = layoutOf(dimension, GRAPH_LINKS);
  return Math.min(slotsMax, Math.floor(((graphBytesMax - first) * graphLivePercentMax) / 100 / stride));
}

function layoutOf(dimension: number, M: number): Layout {
  const codes = Math.ceil(dimension / 16) * 16;
  const stride = Math.ceil((codes + 4 * (NUMBERS + 1 + 2 * M)) / 16) * 16;
  const [query, home, peer, ids] = [0, 2 * codes, 4 * codes, 6 * codes];
  const out = ids + 4 * LIST_MAX;
  return { codes, stride, first: Math.ceil((out + 4 * LIST_MAX) / PAGE) * PAGE, query, home, peer, ids, out };
}

function refresh(nodes: NodeMemory): void {
  const { buffer } = nodes.memory;
  nodes.bytes = new Int8Array(buffer);
  nodes.wide = new Int16Array(buffer);
  nodes.words = new Uint32Array(buffer);
  nodes.floats = new Float32Array(buffer);
}

/**
 * Makes room for nodes below `length`.
 *
 * @throws RangeError when there is no memory for them
 */
export function reserve(nodes: NodeMemory, length: number): void {
  const { first, stride } = nodes.layout;
  const missing = first + length * stride - nodes.memory.buffer.byteLength;
  if (missing <= 0) return;
  // Pages that are not written to cost nothing, so more can be had at once.
  const room = graphBytesMax - nodes.memory.buffer.byteLength;
  const wanted = Math.min(Math.max(missing, nodes.memory.buffer.byteLength / 8), Math.max(room, missing));
  nodes.memory.grow(Math.ceil(wanted / PAGE));
  refresh(nodes);
}

/**
 * Takes a node for the vector of a slot.
 *
 * @param reuse whether a free node may be taken again
 * @throws RangeError when there is no memory for it
 */
export function takeNode(nodes: NodeMemory, slot: number, checksum: number, reuse: boolean): number {
  const again = reuse ? nodes.free.pop() : undefined;
  const node = again ?? addNode(nodes, levelOf(nodes.length, nodes.M));
  nodes.states[node] = WAITING;
  nodes.slots[node] = slot;
  nodes.checksums[node] = checksum;
  return node;
}

/**
 * Adds a node behind all others; returns its number.
 *
 * @throws RangeError when there is no memory for it
 */
export function addNode(nodes: NodeMemory, level: number): number {
  const node = nodes.length;
  reserve(nodes, node + 1);
  nodes.length = node + 1;
  nodes.states = growUint8(nodes.states, node);
  nodes.levels = growUint8(nodes.levels, node);
  nodes.slots = growUint32(nodes.slots, node);
  nodes.checksums = growUint32(nodes.checksums, node);
  nodes.upperAt = growUint32(nodes.upperAt, node);
  nodes.levels[node] = level;
  if (level === 0) return node;
  nodes.upperAt[node] = nodes.upperLength;
  nodes.upperLength += level * (1 + nodes.M);
  nodes.upper = growUint32(nodes.upper, nodes.upperLength);
  return node;
}

/** Copies the vector of a node to one without. */
export function copyVector(from: NodeMemory, node: number, into: NodeMemory, other: number): void {
  const at = placeOf(from, node);
  into.bytes.set(from.bytes.subarray(at, at + from.layout.codes + 4 * NUMBERS), placeOf(into, other));
}

/** Overwrites vector and links of a node. It may be taken again. */
export function freeNode(nodes: NodeMemory, node: number): void {
  const at = placeOf(nodes, node);
  nodes.bytes.fill(0, at, at + nodes.layout.stride);
  for (let layer = 1; layer <= nodes.levels[node]!; layer += 1) nodes.upper[linksAt(nodes, node, layer)] = 0;
  nodes.states[node] = FREE;
  nodes.checksums[node] = 0;
  nodes.free.push(node);
}

/** Highest layer of a node (Malkov and Yashunin 2018, algorithm 1), from a hash of its number (SplitMix32). */
function levelOf(node: number, M: number): number {
  let mixed = (node + 1) * 0x9e3779b9;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  const share = (((mixed ^ (mixed >>> 15)) >>> 0) + 1) / 2 ** 32;
  return Math.min(15, Math.floor(-Math.log(share) / Math.log(M)));
}

export const placeOf = ({ layout }: NodeMemory, node: number): number => layout.first + node * layout.stride;

/** Index of the number of links of a node on a layer, in `words` for layer 0 and `upper` for others. Links follow. */
export function linksAt(nodes: NodeMemory, node: number, layer: number): number {
  if (layer === 0) return (placeOf(nodes, node) + nodes.layout.codes + 4 * NUMBERS) >>> 2;
  return nodes.upperAt[node]! + (layer - 1) * (1 + nodes.M);
}

export const linksOf = (nodes: NodeMemory, layer: number): Uint32Array => (layer === 0 ? nodes.words : nodes.upper);

export const linksMax = ({ M }: NodeMemory, layer: number): number => (layer === 0 ? 2 * M : M);

/** What is added to every distance of a node as the query. */
export const baseOf = (nodes: NodeMemory, node: number): number => nodes.floats[numbersAt(nodes, node)]!;

/** Length of the difference between the vector of a node and its 8-bit numbers; by cosine, of unit vectors. */
export const errorOf = (nodes: NodeMemory, node: number): number => nodes.floats[numbersAt(nodes, node) + 2]!;

/** The scale of the distances of a node as the query. */
export function scaleOf(nodes: NodeMemory, node: number): number {
  const slope = nodes.floats[numbersAt(nodes, node) + 1]!;
  return nodes.metric === 'euclidean' ? -slope / 2 : -slope;
}

const numbersAt = (nodes: NodeMemory, node: number): number => (placeOf(nodes, node) + nodes.layout.codes) >>> 2;

/** Stores the vector of a node, whose norm is given. */
export function setVector(nodes: NodeMemory, node: number, block: Float32Array, from: number, norm: number): void {
  const { bytes, dimension } = nodes;
  setNumbers(nodes, node, quantise(block, from, dimension, bytes, placeOf(nodes, node)), norm);
}

/** The same with a vector that is coded already. */
export function setCoded(nodes: NodeMemory, node: number, coded: CodedVector): void {
  nodes.bytes.set(coded.numbers, placeOf(nodes, node));
  setNumbers(nodes, node, coded, coded.norm);
}

function setNumbers(nodes: NodeMemory, node: number, { step, squares, error }: Quantised, norm: number): void {
  const { floats, metric } = nodes;
  const at = numbersAt(nodes, node);
  // A distance is -(a · b), by cosine of unit vectors, or |a|² + |b|² - 2 (a · b).
  floats[at] = metric === 'euclidean' ? squares : 0;
  floats[at + 1] = metric === 'euclidean' ? -2 * step : metric === 'cosine' ? -step / norm : -step;
  floats[at + 2] = metric === 'cosine' ? error / norm : error;
}
