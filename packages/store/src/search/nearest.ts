import { resetTopK } from '../neighbors/top-k.ts';
import {
  denseCandidatesMin,
  exactScanVectorsMax,
  graphSearchWidthMax,
  hybridCandidatesMax,
  hybridCandidatesMin,
} from './limits.ts';
import type { Prepared, Scope, SearchState } from './types.ts';

/** Search width that `exactScanVectorsMax` was measured at. */
const MEASURED_WIDTH = 64;

/** Fills `scratch.nearest` with the vectors nearest to the query: the results of dense mode, candidates of hybrid mode. */
export function nearest(state: SearchState, { query, dense }: Prepared, scope: Scope): void {
  const { nearest: into } = state.scratch;
  resetTopK(into, 0);
  if (dense === null) return;
  const isHybrid = query.mode === 'hybrid';
  const candidates = isHybrid
    ? Math.min(Math.max(4 * query.topK, hybridCandidatesMin), hybridCandidatesMax)
    : Math.max(2 * query.topK, denseCandidatesMin);
  const count = isHybrid ? candidates : query.topK;
  const width = Math.min(query.ef ?? state.graph.efSearch, graphSearchWidthMax);
  const isScan = query.exact === true || isCheapToScan(scope.count, state.vectors.size, Math.max(width, candidates));
  if (!isScan) {
    state.dense.nearestWithin(dense.vector, count, candidates, width, scope.slots, into);
    // A walk of the graph may not reach enough of a filter's slots, nor all of what is cut off from the rest.
    if (into.length >= Math.min(count, scope.count)) return;
  }
  state.dense.exact.nearest(dense.vector, count, scope.slots, into);
}

/**
 * A scan costs in proportion to the `matches`; a walk of the graph visits a number of nodes in proportion to its width, times
 * `vectors / matches` since most of what it meets does not match. The two are even where `matches² / vectors` is constant.
 */
function isCheapToScan(matches: number, vectors: number, width: number): boolean {
  return matches * matches <= exactScanVectorsMax * vectors * (width / MEASURED_WIDTH);
}
