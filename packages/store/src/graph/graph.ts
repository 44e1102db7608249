import type { Metric } from '@tributary/schemas';
import type { GraphOptions } from '../vectors/types.ts';
import { createHeap, type Heap } from './heap.ts';
import { createNodeMemory, DEAD, LINKED, reserve, type NodeMemory } from './node-memory.ts';
import { quantise } from '../vectors/quantise.ts';

/**
 * A graph of vectors in 8 bits a component: HNSW (Malkov and Yashunin, "Efficient and robust approximate nearest
 * neighbor search using Hierarchical Navigable Small World graphs", 2018).
 */
export interface Graph {
  nodes: NodeMemory;
  readonly options: GraphOptions;
  /** Where searches begin; -1 in an empty graph. */
  entry: number;
  /** Nodes that are linked and alive, and those that are dead. */
  linked: number;
  dead: number;
  /** Used by one search after another. */
  readonly work: Work;
}

interface Work {
  readonly candidates: Heap;
  readonly results: Heap;
  visits: Uint16Array;
  visit: number;
}

export function createGraph(dimension: number, metric: Metric, options: GraphOptions, room = 0): Graph {
  const nodes = createNodeMemory(dimension, metric, options.M);
  reserve(nodes, room);
  const work = { candidates: createHeap(), results: createHeap(), visits: new Uint16Array(0), visit: 0 };
  return { nodes, options, entry: -1, linked: 0, dead: 0, work };
}

/** A query of the graph: where its numbers are, and what makes distances of their products. */
export interface GraphQuery {
  /** Place of its 16-bit numbers in the memory. */
  readonly at: number;
  readonly scale: number;
  /** Added to every distance. */
  readonly base: number;
  /** Length of what the numbers leave out, and of the query itself; by cosine, of the unit vector. */
  readonly error: number;
  readonly length: number;
}

/** Puts a vector at the place of queries. It stays valid until the next one. */
export function queryOf({ nodes }: Graph, vector: Float32Array, norm: number): GraphQuery {
  const { layout, metric, dimension, wide } = nodes;
  const { step, squares, error } = quantise(vector, 0, dimension, wide, layout.query >>> 1);
  if (metric !== 'cosine')
    return { at: layout.query, scale: step, base: metric === 'euclidean' ? squares : 0, error, length: norm };
  return { at: layout.query, scale: step / norm, base: 0, error: error / norm, length: 1 };
}

export function memoryOf({ nodes, work }: Graph): number {
  const { layout, length, states, levels, slots, checksums, upper, upperAt } = nodes;
  const arrays = [states, levels, slots, checksums, upper, upperAt, work.visits];
  return layout.first + length * layout.stride + arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

export function markDead(graph: Graph, node: number): void {
  graph.nodes.states[node] = DEAD;
  graph.linked -= 1;
  graph.dead += 1;
}

export const isAlive = ({ nodes }: Graph, node: number): boolean => nodes.states[node] === LINKED;
