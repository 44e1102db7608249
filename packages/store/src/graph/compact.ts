import type { Graph } from './graph.ts';
import { graphDeadNodesMin, graphFreePercentMax } from '../limits.ts';
import { nodeIn, own, type GraphState } from './graph-state.ts';
import {
  addNode,
  copyVector,
  createNodeMemory,
  FREE,
  freeNode,
  linksAt,
  linksOf,
  reserve,
  type Compaction,
  type NodeMemory,
} from './node-memory.ts';

/** True when so many nodes are free, and no vector waits to take them, that the memory is worth a copy. */
export function isCompactionDue({ graph: { nodes }, pending, repair, compaction }: GraphState): boolean {
  const free = nodes.free.length;
  const isIdle = pending.length === 0 && repair === null && compaction === null;
  return isIdle && free >= graphDeadNodesMin && free * 100 >= nodes.length * graphFreePercentMax;
}

export function startCompaction({ nodes }: Graph): Compaction {
  const to = createNodeMemory(nodes.dimension, nodes.metric, nodes.M);
  reserve(to, nodes.length - nodes.free.length);
  const numbers = new Uint32Array(nodes.length);
  for (let node = 0; node < nodes.length; node += 1)
    if (nodes.states[node] !== FREE) numbers[node] = addNode(to, nodes.levels[node]!) + 1;
  return { to, numbers, next: 0 };
}

/** Nodes copied between two readings of the clock. */
const STEP = 256;

/** Goes on until the time is over, at least one step. True when the copy is in use. */
export function compactUntil(end: number, now: () => number, state: GraphState, compaction: Compaction): boolean {
  const { nodes } = state.graph;
  const { to, numbers } = compaction;
  do {
    const stop = Math.min(numbers.length, compaction.next + STEP);
    for (; compaction.next < stop; compaction.next += 1) {
      const number = numbers[compaction.next]! - 1;
      if (number >= 0) copyNode(nodes, compaction.next, to, number, numbers);
    }
    if (compaction.next < numbers.length) continue;
    takeOver(state, compaction);
    return true;
  } while (now() < end);
  return false;
}

function copyNode(nodes: NodeMemory, node: number, to: NodeMemory, number: number, numbers: Uint32Array): void {
  copyVector(nodes, node, to, number);
  for (let layer = nodes.levels[node]!; layer >= 0; layer -= 1) {
    const [from, into] = [linksOf(nodes, layer), linksOf(to, layer)];
    const [first, start] = [linksAt(nodes, node, layer), linksAt(to, number, layer)];
    let count = 0;
    for (let at = first + 1; at <= first + from[first]!; at += 1) {
      const other = numbers[from[at]!]! - 1;
      if (other < 0) continue;
      count += 1;
      into[start + count] = other;
    }
    into[start] = count;
  }
}

/** The copy gets what has changed meanwhile, and takes the place of the old memory. */
function takeOver(state: GraphState, { to, numbers }: Compaction): void {
  const { graph } = state;
  const { nodes } = graph;
  for (let node = 0; node < nodes.length; node += 1) {
    const known = (numbers[node] ?? 0) - 1;
    if (nodes.states[node] === FREE) {
      // One that shared the node of an equal vector, and has gone meanwhile.
      if (known >= 0) freeNode(to, known);
      continue;
    }
    const number = known < 0 ? addNode(to, nodes.levels[node]!) : known;
    if (known < 0) copyVector(nodes, node, to, number);
    const slot = nodes.slots[node]!;
    to.states[number] = nodes.states[node]!;
    to.slots[number] = slot;
    to.checksums[number] = nodes.checksums[node]!;
    if (nodeIn(state, slot) === node) own(state, slot, number);
  }
  if (graph.entry >= 0) graph.entry = numbers[graph.entry]! - 1;
  graph.nodes = to;
  graph.work.visits = new Uint16Array(0);
  state.unsaved = Math.max(1, state.unsaved);
}
