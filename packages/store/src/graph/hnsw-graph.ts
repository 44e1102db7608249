// The one file that touches hnswlib. Its native code ends the process when it walks a damaged graph file, so files are
// loaded only after their checksum was verified (the caller's part) and their sizes were read (hnswlib-file.ts). It
// does so too when a filter callback throws: none is given to it, filters are applied to what it returns. And when its
// worker is terminated within a call: workers must end by themselves.
import { closeSync, openSync } from 'node:fs';
import type { Metric } from '@tributary/schemas';
import hnswlib from 'hnswlib-node';
import { graphNodesStart } from '../limits.ts';
import type { GraphOptions } from '../vectors/types.ts';

/** A graph of labelled vectors. Labels are 32-bit, see graph-state.ts. */
export interface Graph {
  /** Adds a node, or moves the dead node that has this label (slower). `norm` is the vector's. */
  addPoint(label: number, norm: number, block: Float32Array, from: number): void;
  /** Takes a live node out of all results; it stays in memory and on the way of searches. */
  markDead(label: number): void;
  /** Nodes, dead ones included. */
  nodes(): number;
  /** Labels and distances of at most `count` live nodes near the query, nearest first. */
  search(query: Float32Array, norm: number, count: number, width: number): hnswlib.SearchResult;
  /** Writes the graph on another thread. Until it is done, nothing may be added or marked. */
  save(path: string): Promise<void>;
  /** Gives the memory back; the graph is not used after that. */
  release(): void;
}

/** @param nodes how many to make room for at first */
export function createGraph(dimension: number, metric: Metric, options: GraphOptions, nodes = 0): Graph {
  const index = new hnswlib.HierarchicalNSW(spaceOf(metric), dimension);
  index.initIndex({ maxElements: Math.max(nodes, graphNodesStart), m: options.M, efConstruction: options.efConstruction });
  return graphOf(index, dimension, metric);
}

/**
 * Reads a graph whose checksum was verified.
 *
 * @throws Error when the file is not there or was cut short
 */
export function readGraph(path: string, dimension: number, metric: Metric): Graph {
  closeSync(openSync(path, 'r'));
  const index = new hnswlib.HierarchicalNSW(spaceOf(metric), dimension);
  index.readIndexSync(path);
  return graphOf(index, dimension, metric);
}

// Cosine is the inner product of unit vectors: normalising here keeps the native code from doing it again for each
// call.
function spaceOf(metric: Metric): 'l2' | 'ip' {
  return metric === 'euclidean' ? 'l2' : 'ip';
}

function graphOf(index: hnswlib.HierarchicalNSW, dimension: number, metric: Metric): Graph {
  // The native code takes plain arrays only; these are filled anew for each call.
  const point = Array.from({ length: dimension }, () => 0);
  let width = 0;
  const fill = (block: Float32Array, from: number, scale: number): number[] => {
    for (let at = 0; at < dimension; at += 1) point[at] = block[from + at]! * scale;
    return point;
  };
  return {
    addPoint(label, norm, block, from) {
      if (index.getCurrentCount() >= index.getMaxElements()) {
        index.resizeIndex(Math.max(graphNodesStart, index.getMaxElements() * 2));
      }
      index.addPoint(fill(block, from, metric === 'cosine' ? 1 / norm : 1), label);
    },
    markDead: (label) => index.markDelete(label),
    nodes: () => index.getCurrentCount(),
    search(query, norm, count, wanted) {
      if (wanted !== width) {
        index.setEf(wanted);
        width = wanted;
      }
      // The order by inner product does not depend on the query's length; at length 1 the distances keep their
      // precision.
      const scaled = fill(query, 0, metric === 'euclidean' || norm === 0 ? 1 : 1 / norm);
      return index.searchKnn(scaled, Math.min(count, index.getMaxElements()));
    },
    async save(path) {
      // The native writer holds no reference to the index: this suspended call is what keeps it alive.
      if (!(await index.writeIndex(path))) throw new Error(`could not write ${path}`);
    },
    // The collector does not know how large the native index is and may leave it for long: starting anew frees it at
    // once.
    release: () => index.initIndex(1),
  };
}
