import { existsSync, rmSync } from 'node:fs';
import { StoreError } from '../errors.ts';
import { hasBit } from '../slots/bitmap.ts';
import { countFileNodes, visitGraphFile } from './hnswlib-file.ts';
import { readGraph } from './hnsw-graph.ts';
import { labelSlot, restoreNode, createGraphState, queueAll, unfreeze, type GraphState } from './graph-state.ts';
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
  } catch (cause) {
    throw new StoreError('DISK_WRITE', `the graph could not be written to ${path}; check the disk's space and rights`, { cause });
  } finally {
    unfreeze(state);
  }
  return linked;
}

/**
 * Reads a graph and compares each node with the present vectors. Nodes that do not match are dead; missing vectors
 * wait.
 */
export function loadGraphState(path: string, store: VectorStore, options: GraphOptions, expected?: number): GraphState | null {
  if (!existsSync(path)) return null;
  const labels: number[] = [];
  const marks: number[] = [];
  const matches = visitGraphFile(path, store.dimension, options.M, ({ label, dead, vector }) => {
    labels.push(label);
    marks.push(dead ? DEAD : isPresent(store, labelSlot(label), vector) ? PRESENT : OUTDATED);
  });
  if (!matches || labels.length === 0) return null;
  if (expected !== undefined && marks.filter((mark) => mark !== DEAD).length !== expected) return null;
  try {
    const state = createGraphState(readGraph(path, store.dimension, store.metric));
    queueAll(state, store);
    for (let at = 0; at < labels.length; at += 1)
      restoreNode(state, store, labels[at]!, marks[at] === DEAD, marks[at] === PRESENT);
    return state;
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
