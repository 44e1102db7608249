import type { Graph, GraphQuery } from './graph.ts';
import { baseOf, errorOf } from './node-memory.ts';

// Rounding of the float32 steps of a distance, relative to its largest possible value.
const ROUNDING = 2 ** -20;

/**
 * Key of a node by its 8-bit numbers, and how far the exact one may be from it. With a query q = q' + r and a vector
 * v = v' + s, of which the numbers give q' and v': |q·v - q'·v'| <= |q| |s| + |r| |v'|, and |q - v| differs from
 * |q' - v'| by at most |r| + |s|.
 *
 * @param norm of the vector
 */
export function boundsOf(
  graph: Graph,
  query: GraphQuery,
  node: number,
  distance: number,
  norm: number,
): { key: number; error: number } {
  const { nodes } = graph;
  const own = errorOf(nodes, node);
  if (nodes.metric === 'euclidean') {
    const square = Math.max(0, distance + query.base);
    const apart = query.error + own;
    const largest = query.base + baseOf(nodes, node);
    return { key: -square, error: 2 * Math.sqrt(square) * apart + apart * apart + ROUNDING * largest };
  }
  const length = nodes.metric === 'cosine' ? 1 : norm;
  const error = query.length * own + query.error * (length + own) + ROUNDING * query.length * length;
  return { key: -distance, error };
}
