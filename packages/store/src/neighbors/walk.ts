import { graphSearchWidthMax, scanVectorsPerWidth } from '../search/limits.ts';
import { countBits, hasBit, type Bitmap } from './bitmap.ts';
import { scanBitmap, scanList } from './exact-index.ts';
import { labelSlot } from './label.ts';
import type { DenseQuery } from './dense-query.ts';
import { addCandidate, type Candidates } from './rescore.ts';
import { isCurrent, type Track } from './track.ts';
import type { VectorStore } from './vector-store.ts';

/** How to walk the graph for one query. */
export interface Walk {
  /** Results wanted. */
  readonly count: number;
  /** Nodes to take for exact scoring, at least. */
  readonly candidates: number;
  /** Search width, at least. */
  readonly width: number;
}

// So many times more than the expected number of nodes are taken to find enough that a filter lets through.
const FILTER_RESERVE = 1.5;

/** Fills `into` with candidates for the nearest of what is allowed: from the graph, and all that wait to be added to it. */
export function collect(
  track: Track,
  store: VectorStore,
  query: DenseQuery,
  walk: Walk,
  allowed: Bitmap | null,
  into: Candidates,
): void {
  if (addFromGraph(track, store, query, walk, allowed, into)) {
    scanList(store, query, track.pending.slots, track.pending.length, allowed, into);
  } else {
    into.length = 0;
    scanBitmap(store, query, allowed, into);
  }
}

/**
 * Adds the nearest of what is allowed. The graph is asked for as many more as are likely to be left out, and again for more when that was not
 * enough. Returns false when the graph does not have enough, or when
 * a scan of all that is allowed costs no more.
 */
function addFromGraph(
  track: Track,
  store: VectorStore,
  query: DenseQuery,
  walk: Walk,
  allowed: Bitmap | null,
  into: Candidates,
): boolean {
  const nodes = track.graph.nodes();
  const matches = allowed === null ? store.size : countBits(allowed);
  let reach = allowed === null ? walk.candidates : Math.ceil((FILTER_RESERVE * walk.count * store.size) / Math.max(1, matches));
  reach = Math.max(reach, walk.candidates);
  for (;;) {
    // Nodes that died since the graph was frozen are not marked: they may come back and take the place of others.
    const asked = Math.min(reach + track.unmarked.length, nodes);
    if (asked > graphSearchWidthMax) return false;
    into.length = 0;
    addNodes(track, store, query, asked, Math.max(walk.width, asked), allowed, into);
    const waiting = track.pending.length;
    if (into.length >= Math.min(walk.count, matches) || into.length + waiting >= store.size) return true;
    reach *= 4;
    if (asked === nodes || matches <= scanVectorsPerWidth * reach) return false;
  }
}

function addNodes(
  track: Track,
  store: VectorStore,
  query: DenseQuery,
  asked: number,
  width: number,
  allowed: Bitmap | null,
  into: Candidates,
): void {
  if (asked === 0) return;
  const { neighbors, distances } = track.graph.search(query.vector, query.norm, asked, width);
  const { groups } = track.twins;
  // Rounding of a float32 sum of products or squares, in units of its sum of magnitudes.
  const rounding = (store.dimension + 4) * 2 ** -22;
  for (let at = 0; at < neighbors.length; at += 1) {
    const label = neighbors[at]!;
    if (!isCurrent(track, label)) continue;
    const slot = labelSlot(label);
    const distance = distances[at]!;
    let key = -distance;
    let error = rounding * distance;
    if (store.metric === 'cosine') {
      key = 1 - distance;
      error = rounding;
    } else if (store.metric === 'dotproduct') {
      key = (1 - distance) * query.norm;
      error = rounding * query.norm * Math.max(1, store.norms[slot]!);
    }
    if (allowed === null || hasBit(allowed, slot)) addCandidate(into, slot, key, error);
    if (groups.size === 0) continue;
    for (const twin of groups.get(slot) ?? [])
      if (allowed === null || hasBit(allowed, twin)) addCandidate(into, twin, key, error);
  }
}
