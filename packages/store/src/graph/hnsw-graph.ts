// The only file that calls hnswlib. Its native code aborts the process in three cases:
// - It walks a damaged graph file. So a file is loaded only after its checksum was verified (by the caller) and its
//   sizes were read (hnswlib-file.ts).
// - A filter callback throws. So it gets none; filters are applied to its results.
// - Its worker is terminated within a call. So workers must end by themselves.
import { closeSync, openSync } from 'node:fs';
import type { Metric } from '@tributary/schemas';
import hnswlib from 'hnswlib-node';
import { graphNodesStart } from '../limits.ts';
import type { GraphOptions } from '../vectors/types.ts';

/** A graph of labelled vectors. Labels have 32 bits, see graph-state.ts. */
export interface Graph {
  /** Adds a node, or moves the dead node with this label, which is slower. `norm` is the norm of the vector. */
  addPoint(label: number, norm: number, block: Float32Array, from: number): void;
  /** Removes a live node from all results. It stays in memory and searches still pass through it. */
  markDead(label: number): void;
  /** Number of nodes, including dead ones. */
  nodes(): number;
  /** Labels and distances of at most `count` live nodes near the query, nearest first. */
  search(query: Float32Array, norm: number, count: number, width: number): hnswlib.SearchResult;
  /** Saves the graph on another thread. Until it resolves, nothing may be added or marked. */
  save(path: string): Promise<void>;
  /** Frees the memory. The graph must not be used afterwards. */
  release(): void;
}

/** @param nodes number of nodes to reserve room for */
export function createGraph(dimension: number, metric: Metric, options: GraphOptions, nodes = 0): Graph {
  const index = new hnswlib.HierarchicalNSW(spaceOf(metric), dimension);
  index.initIndex({ maxElements: Math.max(nodes, graphNodesStart), m: options.M, efConstruction: options.efConstruction });
  return graphOf(index, dimension, metric);
}

/**
 * Reads a graph whose checksum was verified.
 *
 * @throws Error when the file does not exist or is too short
 */
export function readGraph(path: string, dimension: number, metric: Metric): Graph {
  closeSync(openSync(path, 'r'));
  const index = new hnswlib.HierarchicalNSW(spaceOf(metric), dimension);
  index.readIndexSync(path);
  return graphOf(index, dimension, metric);
}

// Cosine is the inner product of unit vectors. Normalising here keeps the native code from doing it at each call.
function spaceOf(metric: Metric): 'l2' | 'ip' {
  return metric === 'euclidean' ? 'l2' : 'ip';
}

function graphOf(index: hnswlib.HierarchicalNSW, dimension: number, metric: Metric): Graph {
  // The native code takes plain arrays only. These are refilled for each call.
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
      // The order by inner product does not depend on the query's length. At length 1 the distances keep their
      // precision.
      const scaled = fill(query, 0, metric === 'euclidean' || norm === 0 ? 1 : 1 / norm);
      return index.searchKnn(scaled, Math.min(count, index.getMaxElements()));
    },
    async save(path) {
      // The native writer holds no reference to the index. This suspended call keeps it alive.
      if (!(await index.writeIndex(path))) throw new Error(`could not write ${path}`);
    },
    // The garbage collector does not see the size of the native index and may keep it for long. Initialising it again
    // frees the memory at once.
    release: () => index.initIndex(1),
  };
}
