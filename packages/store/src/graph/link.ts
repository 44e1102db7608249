import type { Graph, GraphQuery } from './graph.ts';
import { pop } from './heap.ts';
import { baseOf, LINKED, linksAt, linksMax, linksOf, placeOf, scaleOf } from './node-memory.ts';
import { descend, measure, searchLayer } from './search-layer.ts';

/** Nodes with their distances from another one, nearest first. Reused. */
interface Near {
  length: number;
  readonly nodes: number[];
  readonly keys: number[];
}
const near: Near = { length: 0, nodes: [], keys: [] };
const chosen: number[] = [];

/** Links a node to its nearest neighbours on each of its layers, and these to it (algorithm 1 of the paper). */
export function linkNode(graph: Graph, node: number): void {
  const { nodes, options } = graph;
  const level = nodes.levels[node]!;
  if (nodes.states[node] !== LINKED) {
    nodes.states[node] = LINKED;
    graph.linked += 1;
  }
  const top = graph.entry < 0 ? -1 : nodes.levels[graph.entry]!;
  const query = asQuery(graph, node, nodes.layout.query);
  let from = graph.entry;
  for (let layer = top; layer > level; layer -= 1) from = descend(graph, query, from, layer);
  for (let layer = Math.min(top, level); layer >= 0; layer -= 1) {
    searchLayer(graph, query, from, layer, options.efConstruction);
    takeResults(graph, node);
    if (near.length > 0) from = near.nodes[0]!;
    choose(graph, query.base, nodes.M);
    setLinks(graph, node, layer);
    for (const other of chosen.slice()) linkBack(graph, other, node, layer);
  }
  if (level > top) graph.entry = node;
}

/** A node as the query, with its numbers at this place. */
function asQuery({ nodes }: Graph, node: number, at: number): GraphQuery {
  nodes.kernel.widen(placeOf(nodes, node), at, nodes.layout.codes);
  return { at, scale: scaleOf(nodes, node), base: baseOf(nodes, node), error: 0, length: 0 };
}

/** The results of a search, nearest first, without the node itself. */
function takeResults({ work: { results } }: Graph, node: number): void {
  let length = results.length;
  near.length = length;
  while (results.length > 0) {
    length -= 1;
    near.nodes[length] = results.nodes[0]!;
    near.keys[length] = -results.keys[0]!;
    pop(results);
  }
  const own = near.nodes.indexOf(node);
  if (own < 0 || own >= near.length) return;
  near.nodes.copyWithin(own, own + 1, near.length);
  near.keys.copyWithin(own, own + 1, near.length);
  near.length -= 1;
}

/**
 * Chooses up to `most` of the near nodes: one that is nearer to a chosen node than to the query is left out, so that
 * links lead in different directions (algorithm 4 of the paper).
 */
function choose(graph: Graph, base: number, most: number): void {
  const { nodes } = graph;
  const { layout } = nodes;
  chosen.length = 0;
  for (let at = 0; at < near.length && chosen.length < most; at += 1) {
    const node = near.nodes[at]!;
    const limit = near.keys[at]! + base;
    const query = asQuery(graph, node, layout.peer);
    for (let from = 0; from < chosen.length; from += 1) nodes.words[(layout.ids >>> 2) + from] = chosen[from]!;
    measure(graph, query, chosen.length);
    let isApart = true;
    for (let from = 0; from < chosen.length && isApart; from += 1)
      isApart = !(nodes.floats[(layout.out >>> 2) + from]! + query.base < limit);
    if (isApart) chosen.push(node);
  }
}

function setLinks({ nodes }: Graph, node: number, layer: number): void {
  const links = linksOf(nodes, layer);
  const first = linksAt(nodes, node, layer);
  links[first] = chosen.length;
  for (let at = 0; at < chosen.length; at += 1) links[first + 1 + at] = chosen[at]!;
}

/** Links a node to a new neighbour. A node that has all its links chooses among them and the new one. */
function linkBack(graph: Graph, node: number, other: number, layer: number): void {
  const { nodes } = graph;
  const links = linksOf(nodes, layer);
  const first = linksAt(nodes, node, layer);
  const count = links[first]!;
  for (let at = 1; at <= count; at += 1) if (links[first + at] === other) return;
  if (count < linksMax(nodes, layer)) {
    links[first] = count + 1;
    links[first + 1 + count] = other;
    return;
  }
  const ids = nodes.layout.ids >>> 2;
  for (let at = 0; at < count; at += 1) nodes.words[ids + at] = links[first + 1 + at]!;
  nodes.words[ids + count] = other;
  chooseAmong(graph, node, count + 1, layer);
}

/** Links a node to the best of the first `count` nodes of the list at `ids`. */
export function chooseAmong(graph: Graph, node: number, count: number, layer: number): void {
  const { nodes } = graph;
  const { layout } = nodes;
  const query = asQuery(graph, node, layout.home);
  measure(graph, query, count);
  near.length = 0;
  for (let at = 0; at < count; at += 1)
    insertSorted(nodes.words[(layout.ids >>> 2) + at]!, nodes.floats[(layout.out >>> 2) + at]!);
  choose(graph, query.base, linksMax(nodes, layer));
  setLinks(graph, node, layer);
}

function insertSorted(node: number, key: number): void {
  let at = near.length;
  near.length += 1;
  for (; at > 0 && near.keys[at - 1]! > key; at -= 1) {
    near.nodes[at] = near.nodes[at - 1]!;
    near.keys[at] = near.keys[at - 1]!;
  }
  near.nodes[at] = node;
  near.keys[at] = key;
}
