import { rm } from 'node:fs/promises';
import { StoreError } from '../errors.ts';
import { hasBit } from '../slots/bitmap.ts';
import { readParts, writeParts } from '../parts/part-file.ts';
import { arrayOf, type ByteSource, type Part, type SavedPart } from '../parts/part.ts';
import type { GraphOptions } from '../vectors/types.ts';
import type { VectorStore } from '../vectors/vector-store.ts';
import { addOwner, vectorChecksum } from './duplicate-vectors.ts';
import { createGraph, type Graph } from './graph.ts';
import { createGraphState, hasNodes, nodeIn, own, queueMissing, type GraphState } from './graph-state.ts';
import { DEAD, FREE, freeNode, LINKED, reserve, WAITING, type NodeMemory } from './node-memory.ts';

/** The vectors of a graph. */
export type VectorKind = Pick<VectorStore, 'dimension' | 'metric'>;

interface Facts {
  format: 1;
  dimension: number;
  metric: string;
  M: number;
  nodes: number;
  entry: number;
  upper: number;
}

const FORMAT = 1;

/** Saves the graph, which is frozen meanwhile. See `HnswIndex.saveGraph`. */
export async function saveGraphState(state: GraphState, path: string): Promise<number> {
  if (state.frozen) throw new StoreError('STORE_BUSY', 'the graph is being saved already; wait for that to end');
  state.frozen = true;
  const { linked } = state.graph;
  try {
    if (hasNodes(state)) await writeParts(path, { facts: null, parts: { graph: partOf(state.graph) } });
    else await rm(path, { force: true });
    state.unsaved = 0;
  } catch (cause) {
    throw new StoreError('DISK_WRITE', `the graph could not be written to ${path}; check the disk's space and rights`, { cause });
  } finally {
    state.frozen = false;
  }
  return linked;
}

/** Everything but the memory of the nodes is copied; that hardly changes while the graph is frozen. */
function partOf({ nodes, entry }: Graph): SavedPart {
  const { dimension, metric, M, length, upperLength } = nodes;
  const facts: Facts = { format: FORMAT, dimension, metric, M, nodes: length, entry, upper: upperLength };
  const own = <A extends Uint8Array | Uint32Array>(array: A): A => array.slice(0, length) as A;
  return {
    facts,
    arrays: {
      states: own(nodes.states),
      levels: own(nodes.levels),
      slots: own(nodes.slots),
      checksums: own(nodes.checksums),
      upperAt: own(nodes.upperAt),
      upper: nodes.upper.slice(0, upperLength),
      memory: memoryOf(nodes),
    },
  };
}

/**
 * The bytes of the nodes. Each step is a copy, because a vector that is removed meanwhile is overwritten, and the
 * memory moves when it grows.
 */
function memoryOf(nodes: NodeMemory): ByteSource {
  const { first, stride } = nodes.layout;
  return {
    length: nodes.length * stride,
    bytes: (from, end) => new Uint8Array(nodes.memory.buffer, first + from, end - from).slice(),
  };
}

/** Reads a graph as it was saved. Null when there is none, or it cannot be used. */
export async function readGraph(path: string, vectors: VectorKind, options: GraphOptions): Promise<Graph | null> {
  const graph = createGraph(vectors.dimension, vectors.metric, options);
  const { nodes } = graph;
  const read = await readParts(path, (_part, array, facts, length) => {
    if (array !== 'memory') return undefined;
    if (!fits(facts as Facts, nodes) || length !== (facts as Facts).nodes * nodes.layout.stride) throw new Error('another graph');
    reserve(nodes, (facts as Facts).nodes);
    return new Uint8Array(nodes.memory.buffer, nodes.layout.first, length);
  });
  const part = read?.parts['graph'];
  if (part === undefined || !fits(part.facts as Facts, nodes)) return null;
  try {
    takeArrays(graph, part);
    return graph;
  } catch {
    return null;
  }
}

const fits = ({ format, dimension, metric, M }: Facts, nodes: NodeMemory): boolean =>
  format === FORMAT && dimension === nodes.dimension && metric === nodes.metric && M === nodes.M;

function takeArrays(graph: Graph, part: Part): void {
  const { nodes } = graph;
  const facts = part.facts as Facts;
  Object.assign(nodes, {
    states: arrayOf(part, 'states', Uint8Array),
    levels: arrayOf(part, 'levels', Uint8Array),
    slots: arrayOf(part, 'slots', Uint32Array),
    checksums: arrayOf(part, 'checksums', Uint32Array),
    upperAt: arrayOf(part, 'upperAt', Uint32Array),
    upper: arrayOf(part, 'upper', Uint32Array),
    upperLength: facts.upper,
    length: facts.nodes,
  });
  graph.entry = facts.entry;
}

/**
 * Gives each slot the node that holds its present vector, by their checksums. What is missing waits. Null when the
 * graph does not fit.
 */
export function matchGraph(graph: Graph, store: VectorStore): GraphState | null {
  try {
    return match(graph, store);
  } catch {
    return null;
  }
}

function match(graph: Graph, store: VectorStore): GraphState {
  const state = createGraphState(graph);
  const { nodes } = graph;
  for (let node = 0; node < nodes.length; node += 1) {
    const was = nodes.states[node]!;
    // What waited may have been overwritten while the file was written.
    if (was === FREE || was === WAITING) {
      freeNode(nodes, node);
      continue;
    }
    const slot = nodes.slots[node]!;
    const isKnown = was === LINKED && hasBit(store.live, slot) && nodeIn(state, slot) < 0;
    const isPresent = isKnown && vectorChecksum(store, slot) === nodes.checksums[node];
    nodes.states[node] = isPresent ? LINKED : DEAD;
    graph[isPresent ? 'linked' : 'dead'] += 1;
    if (!isPresent) continue;
    own(state, slot, node);
    addOwner(state.duplicates, store, slot);
  }
  queueMissing(state, store);
  return state;
}
