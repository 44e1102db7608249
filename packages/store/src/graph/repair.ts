import type { Graph } from './graph.ts';
import { chooseAmong, linkNode } from './link.ts';
import { DEAD, FREE, freeNode, LEAVING, LINKED, linksAt, linksOf, LIST_MAX, WAITING } from './node-memory.ts';
import { beginVisits, visit } from './search-layer.ts';

/**
 * A pass over the graph that takes dead nodes out of it (Singh et al., "FreshDiskANN", 2021, algorithm 4): whoever
 * links to one links to its neighbours instead. Nothing links to it then, and its memory is free.
 */
export interface Repair {
  /** Whether all links have been replaced, so that nodes are given back. */
  isLinked: boolean;
  /** The next node to look at. */
  next: number;
}

/** The pass takes out the nodes that are dead now. */
export function startRepair({ nodes }: Graph): Repair {
  for (let node = 0; node < nodes.length; node += 1) if (nodes.states[node] === DEAD) nodes.states[node] = LEAVING;
  return { isLinked: false, next: 0 };
}

/** Nodes looked at between two readings of the clock. */
const STEP = 64;

/** Goes on until the time is over, at least one step. True when the pass is done. */
export function repairUntil(end: number, now: () => number, graph: Graph, repair: Repair): boolean {
  const { nodes } = graph;
  do {
    const stop = Math.min(nodes.length, repair.next + STEP);
    for (; repair.next < stop; repair.next += 1) {
      if (repair.isLinked) giveBack(graph, repair.next);
      else repairNode(graph, repair.next);
    }
    if (repair.next < nodes.length) continue;
    if (repair.isLinked) return true;
    Object.assign(repair, { isLinked: true, next: 0 });
    if (graph.entry >= 0 && nodes.states[graph.entry] === LEAVING) graph.entry = highest(graph);
  } while (now() < end);
  return false;
}

function repairNode(graph: Graph, node: number): void {
  const { nodes } = graph;
  const state = nodes.states[node];
  if (state === FREE || state === WAITING || state === LEAVING) return;
  for (let layer = nodes.levels[node]!; layer >= 0; layer -= 1) {
    const count = listNext(graph, node, layer);
    if (count > 0) chooseAmong(graph, node, count, layer);
    else if (count === 0) dropLinks(graph, node, layer);
  }
}

/**
 * Lists the neighbours of a node, and in place of those that leave their own neighbours; returns how many, -1 when none
 * leaves.
 */
function listNext(graph: Graph, node: number, layer: number): number {
  const { nodes } = graph;
  const { states, words } = nodes;
  const links = linksOf(nodes, layer);
  const first = linksAt(nodes, node, layer);
  const end = first + links[first]!;
  let leave = false;
  for (let at = first + 1; at <= end && !leave; at += 1) leave = states[links[at]!] === LEAVING;
  if (!leave) return -1;
  const ids = nodes.layout.ids >>> 2;
  let count = 0;
  const add = (other: number): void => {
    if (states[other] !== LINKED || count >= LIST_MAX || !visit(graph, other)) return;
    words[ids + count] = other;
    count += 1;
  };
  beginVisits(graph);
  visit(graph, node);
  for (let at = first + 1; at <= end; at += 1) add(links[at]!);
  for (let at = first + 1; at <= end; at += 1) {
    if (states[links[at]!] !== LEAVING) continue;
    const theirs = linksAt(nodes, links[at]!, layer);
    for (let next = theirs + 1; next <= theirs + links[theirs]!; next += 1) add(links[next]!);
  }
  return count;
}

/** All around the node is dead. A live one is linked anew when nodes are given back. */
function dropLinks(graph: Graph, node: number, layer: number): void {
  linksOf(graph.nodes, layer)[linksAt(graph.nodes, node, layer)] = 0;
}

/** Frees a node that leaves, and links a live one that has lost all its neighbours. */
function giveBack(graph: Graph, node: number): void {
  const { nodes } = graph;
  const state = nodes.states[node];
  if (state === LEAVING) {
    freeNode(nodes, node);
    graph.dead -= 1;
  } else if (state === LINKED && nodes.words[linksAt(nodes, node, 0)] === 0) {
    linkNode(graph, node);
  }
}

/** The node that is linked and on the highest layer; a dead one rather than none; -1 for none. */
function highest({ nodes }: Graph): number {
  let best = -1;
  for (const wanted of [LINKED, DEAD]) {
    for (let node = 0; node < nodes.length; node += 1)
      if (nodes.states[node] === wanted && (best < 0 || nodes.levels[node]! > nodes.levels[best]!)) best = node;
    if (best >= 0) break;
  }
  return best;
}
