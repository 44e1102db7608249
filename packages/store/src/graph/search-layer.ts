import type { Graph, GraphQuery } from './graph.ts';
import { pop, push } from './heap.ts';
import { LINKED, linksAt, linksOf } from './node-memory.ts';

/**
 * The `width` live nodes of a layer that are nearest to the query, in `graph.work.results` with negated distances, so
 * that the farthest is on top (algorithm 2 of the paper). Dead nodes are passed through.
 */
export function searchLayer(graph: Graph, query: GraphQuery, entry: number, layer: number, width: number): void {
  const { nodes, work } = graph;
  const { candidates, results } = work;
  const { states, floats } = nodes;
  const out = nodes.layout.out >>> 2;
  const ids = nodes.layout.ids >>> 2;
  candidates.length = 0;
  results.length = 0;
  beginVisits(graph);
  visit(graph, entry);
  push(candidates, entry, distanceTo(graph, query, entry));
  if (states[entry] === LINKED) push(results, entry, -candidates.keys[0]!);
  let worst = results.length < width ? Infinity : -results.keys[0]!;
  while (candidates.length > 0 && !(candidates.keys[0]! > worst)) {
    const node = candidates.nodes[0]!;
    pop(candidates);
    const count = gather(graph, node, layer);
    measure(graph, query, count);
    for (let at = 0; at < count; at += 1) {
      const distance = finite(floats[out + at]!);
      if (!(distance < worst) && results.length >= width) continue;
      const other = nodes.words[ids + at]!;
      push(candidates, other, distance);
      if (states[other] !== LINKED) continue;
      push(results, other, -distance);
      if (results.length > width) pop(results);
      if (results.length >= width) worst = -results.keys[0]!;
    }
  }
}

/** The same in the whole graph: through the upper layers to the lowest. */
export function searchGraph(graph: Graph, query: GraphQuery, width: number): void {
  graph.work.results.length = 0;
  if (graph.entry < 0) return;
  let from = graph.entry;
  for (let layer = graph.nodes.levels[from]!; layer > 0; layer -= 1) from = descend(graph, query, from, layer);
  searchLayer(graph, query, from, 0, width);
}

/** The nearest node of a layer that is reached by always going to the nearest neighbour. */
export function descend(graph: Graph, query: GraphQuery, from: number, layer: number): number {
  const { nodes } = graph;
  const out = nodes.layout.out >>> 2;
  const ids = nodes.layout.ids >>> 2;
  let nearest = from;
  let least = distanceTo(graph, query, from);
  for (let moved = true; moved;) {
    moved = false;
    const links = linksOf(nodes, layer);
    const first = linksAt(nodes, nearest, layer);
    const count = links[first]!;
    for (let at = 0; at < count; at += 1) nodes.words[ids + at] = links[first + 1 + at]!;
    measure(graph, query, count);
    for (let at = 0; at < count; at += 1) {
      if (!(nodes.floats[out + at]! < least)) continue;
      least = nodes.floats[out + at]!;
      nearest = nodes.words[ids + at]!;
      moved = true;
    }
  }
  return nearest;
}

/** @internal exported for tests */
export function distanceTo(graph: Graph, query: GraphQuery, node: number): number {
  const { layout, words, floats } = graph.nodes;
  words[layout.ids >>> 2] = node;
  measure(graph, query, 1);
  return finite(floats[layout.out >>> 2]!);
}

/** Distances of the first `count` nodes of the list at `ids`, to `out`. */
export function measure({ nodes }: Graph, { at, scale }: GraphQuery, count: number): void {
  const { ids, out, first, stride, codes } = nodes.layout;
  if (count > 0) nodes.kernel.distances(at, scale, ids, count, out, first, stride, codes);
}

/** Products that no float32 holds are as far as can be. */
const finite = (distance: number): number => (distance < Infinity ? distance : Infinity);

export function beginVisits({ nodes, work }: Graph): void {
  if (work.visits.length < nodes.states.length) {
    work.visits = new Uint16Array(nodes.states.length);
    work.visit = 0;
  }
  work.visit += 1;
  if (work.visit < 65_536) return;
  work.visits.fill(0);
  work.visit = 1;
}

/** True at the first visit of a node. */
export function visit({ work }: Graph, node: number): boolean {
  if (work.visits[node] === work.visit) return false;
  work.visits[node] = work.visit;
  return true;
}

/** Lists the neighbours of a node that were not visited; returns how many. */
function gather({ nodes, work }: Graph, node: number, layer: number): number {
  const { words, layout } = nodes;
  const { visits, visit: mark } = work;
  const links = linksOf(nodes, layer);
  const first = linksAt(nodes, node, layer);
  const end = first + links[first]!;
  const ids = layout.ids >>> 2;
  let count = 0;
  for (let at = first + 1; at <= end; at += 1) {
    const other = links[at]!;
    if (visits[other] === mark) continue;
    visits[other] = mark;
    words[ids + count] = other;
    count += 1;
  }
  return count;
}
