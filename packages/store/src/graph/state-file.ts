import { existsSync, rmSync } from 'node:fs';
import { StoreError } from '../errors.ts';
import { hasBit } from '../slots/bitmap.ts';
import { countFileNodes, visitGraphFile } from './hnswlib-file.ts';
import { readGraph } from './hnsw-graph.ts';
import { createGraphState, labelSlot, newestLabel, queueAll, restoreNode, unfreeze, type GraphState } from './graph-state.ts';
import { arrayOf, type Part } from '../parts/part.ts';
import type { KeptVectors } from '../vectors/kept-vectors.ts';
import type { GraphOptions } from '../vectors/types.ts';
import { vectorBlock, vectorOffset, type VectorStore } from '../vectors/vector-store.ts';

// The state of a node in a graph file.
const DEAD = 0;
const OUTDATED = 1;
const PRESENT = 2;

/** Saves the graph, which is frozen meanwhile. See `HnswIndex.saveGraph`. */
export async function saveGraphState(state: GraphState, path: string, dimension: number, M: number): Promise<number> {
  if (state.frozen) throw new StoreError('STORE_BUSY', 'the graph is being saved already; wait for that to end');
  const nodes = state.graph.nodes();
  const linked = nodes - state.dead;
  state.frozen = true;
  try {
    rmSync(path, { force: true });
    await state.graph.save(path);
    // The native writer does not report a full disk or a missing folder.
    if (countFileNodes(path, dimension, M) !== nodes) throw new Error('the file is incomplete');
    state.unsaved = 0;
  } catch (cause) {
    throw new StoreError('DISK_WRITE', `the graph could not be written to ${path}; check the disk's space and rights`, { cause });
  } finally {
    unfreeze(state);
  }
  return linked;
}

/**
 * Which slots have a node that holds their present vector, with its checksum, and how many nodes each slot has used.
 * Null where vectors have no checksums.
 */
export function saveNodes({ linked, generations }: GraphState, { kept }: VectorStore): Part | null {
  if (kept === null) return null;
  const slots = Uint32Array.from(listLinked(linked));
  const checksums = slots.map((slot) => kept.checksums[slot]!);
  return { facts: null, arrays: { slots, checksums, generations: generations.slice() } };
}

function* listLinked(linked: Uint8Array): Generator<number> {
  for (let slot = 0; slot < linked.length; slot += 1) if (linked[slot] === 1) yield slot;
}

/** A graph file to be loaded. */
export interface GraphFile {
  readonly path: string;
  /** Number of vectors that it must hold; left out for any. */
  readonly expected?: number | undefined;
  /** What {@link saveNodes} gave when it was saved; null when it is not known. */
  readonly nodes: Part | null;
}

/**
 * Reads a graph and compares each node with the present vectors, by their checksums if these are known. Nodes that do
 * not match are dead; missing vectors wait.
 */
export function loadGraphState(file: GraphFile, store: VectorStore, options: GraphOptions): GraphState | null {
  try {
    return file.nodes !== null && store.kept !== null
      ? loadKnown(file.nodes, store.kept, file, store, options)
      : loadCompared(file, store, options);
  } catch {
    return null;
  }
}

function loadKnown(
  part: Part,
  { checksums }: KeptVectors,
  { path, expected }: GraphFile,
  store: VectorStore,
  { M }: GraphOptions,
): GraphState | null {
  const nodes = countFileNodes(path, store.dimension, M);
  const slots = arrayOf(part, 'slots', Uint32Array);
  const before = arrayOf(part, 'checksums', Uint32Array);
  if (nodes === null || nodes === 0 || (expected !== undefined && slots.length !== expected)) return null;
  const state = createGraphState(readGraph(path, store.dimension, store.metric));
  queueAll(state, store);
  state.generations = arrayOf(part, 'generations', Uint16Array);
  state.dead = nodes - slots.length;
  slots.forEach((slot, at) => {
    const isPresent = hasBit(store.live, slot) && checksums[slot] === before[at];
    restoreNode(state, store, newestLabel(state, slot), false, isPresent);
  });
  return state;
}

function loadCompared({ path, expected }: GraphFile, store: VectorStore, options: GraphOptions): GraphState | null {
  if (!existsSync(path)) return null;
  const labels: number[] = [];
  const marks: number[] = [];
  const matches = visitGraphFile(path, store.dimension, options.M, ({ label, dead, vector }) => {
    labels.push(label);
    marks.push(dead ? DEAD : isPresent(store, labelSlot(label), vector) ? PRESENT : OUTDATED);
  });
  if (!matches || labels.length === 0) return null;
  if (expected !== undefined && marks.filter((mark) => mark !== DEAD).length !== expected) return null;
  const state = createGraphState(readGraph(path, store.dimension, store.metric));
  queueAll(state, store);
  for (let at = 0; at < labels.length; at += 1) restoreNode(state, store, labels[at]!, marks[at] === DEAD, marks[at] === PRESENT);
  return state;
}

function isPresent(store: VectorStore, slot: number, stored: Float32Array): boolean {
  if (!hasBit(store.live, slot)) return false;
  const block = vectorBlock(store, slot);
  const from = vectorOffset(store, slot);
  const scale = store.metric === 'cosine' ? 1 / store.norms[slot]! : 1;
  for (let at = 0; at < store.dimension; at += 1) if (Math.fround(block[from + at]! * scale) !== stored[at]!) return false;
  return true;
}
