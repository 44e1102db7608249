import { graphSearchWidthMax, scanVectorsPerWidth } from '../limits.ts';
import { countBits, hasBit, type Bitmap } from '../slots/bitmap.ts';
import { scanBitmap, scanList } from '../vectors/exact-index.ts';
import type { DenseQuery } from '../vectors/dense-query.ts';
import { addCandidate, startCandidates } from '../vectors/candidates.ts';
import { boundsOf } from './bounds.ts';
import { queryOf } from './graph.ts';
import type { GraphState } from './graph-state.ts';
import { pop } from './heap.ts';
import { measure, searchGraph } from './search-layer.ts';
import type { Candidates, Walk } from '../vectors/types.ts';
import type { VectorStore } from '../vectors/vector-store.ts';

// Factor over the expected number of nodes, so that enough of them pass a filter.
const FILTER_RESERVE = 1.5;

/** A search of the graph: the graph, the query, and the list that receives the candidates. */
export interface GraphSearch {
  readonly state: GraphState;
  readonly store: VectorStore;
  readonly query: DenseQuery;
  readonly walk: Walk;
  readonly allowed: Bitmap | null;
  readonly into: Candidates;
}

/**
 * Fills `into` with candidates for the nearest allowed vectors: from the graph, and all vectors that still wait to be
 * linked.
 */
export function collect(search: GraphSearch): void {
  const { state, store, query, walk, allowed, into } = search;
  if (state.graph.linked > 0 && addFromGraph(search))
    scanList(store, query, state.pending.slots, state.pending.length, allowed, into);
  else {
    startCandidates(into, walk.count);
    scanBitmap(store, query, allowed, into);
  }
}

/** Compares slots by their 8-bit numbers, at most {@link LIST_MAX} at once. */
export function compare(
  { graph, nodeOf }: GraphState,
  store: VectorStore,
  query: Pick<DenseQuery, 'vector' | 'norm'>,
  slots: Uint32Array,
  count: number,
  into: Candidates,
): void {
  const { words, floats, layout } = graph.nodes;
  const asGraphQuery = queryOf(graph, query.vector, query.norm);
  for (let at = 0; at < count; at += 1) words[(layout.ids >>> 2) + at] = nodeOf[slots[at]!]! - 1;
  measure(graph, asGraphQuery, count);
  for (let at = 0; at < count; at += 1) {
    const slot = slots[at]!;
    const { key, error } = boundsOf(graph, asGraphQuery, nodeOf[slot]! - 1, floats[(layout.out >>> 2) + at]!, store.norms[slot]!);
    addCandidate(into, slot, key, error);
  }
}

/**
 * Adds the nearest allowed vectors from the graph. It asks for as many more as the filter is likely to drop, and again
 * for more if that was not enough. Returns false when the graph does not have enough, or when scanning all allowed
 * vectors costs no more.
 */
function addFromGraph(search: GraphSearch): boolean {
  const { state, store, walk, allowed, into } = search;
  const nodes = state.graph.linked;
  const matches = allowed === null ? store.size : countBits(allowed);
  let reach = allowed === null ? walk.candidates : Math.ceil((FILTER_RESERVE * walk.count * store.size) / Math.max(1, matches));
  reach = Math.max(reach, walk.candidates);
  for (;;) {
    const asked = Math.min(reach, nodes);
    if (asked > graphSearchWidthMax) return false;
    startCandidates(into, walk.count);
    addNodes(search, asked, Math.max(walk.width, asked));
    const waiting = state.pending.length;
    if (into.length >= Math.min(walk.count, matches) || into.length + waiting >= store.size) return true;
    reach *= 4;
    if (asked === nodes || matches <= scanVectorsPerWidth * reach) return false;
  }
}

function addNodes({ state, store, query, allowed, into }: GraphSearch, asked: number, width: number): void {
  if (asked === 0) return;
  const { graph, duplicates } = state;
  const asGraphQuery = queryOf(graph, query.vector, query.norm);
  searchGraph(graph, asGraphQuery, width);
  const { results } = graph.work;
  while (results.length > asked) pop(results);
  for (let at = 0; at < results.length; at += 1) {
    const node = results.nodes[at]!;
    const slot = graph.nodes.slots[node]!;
    const { key, error } = boundsOf(graph, asGraphQuery, node, -results.keys[at]!, store.norms[slot]!);
    if (allowed === null || hasBit(allowed, slot)) addCandidate(into, slot, key, error);
    if (duplicates.groups.size === 0) continue;
    for (const duplicate of duplicates.groups.get(slot) ?? [])
      if (allowed === null || hasBit(allowed, duplicate)) addCandidate(into, duplicate, key, error);
  }
}
