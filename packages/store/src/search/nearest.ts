import { resetTopK } from '../slots/top-k.ts';
import {
  denseCandidatesMin,
  graphSearchWidthMax,
  hybridCandidatesMax,
  hybridCandidatesMin,
  scanVectorsPerWidth,
} from '../limits.ts';
import type { Prepared, Scope, SearchState } from './types.ts';

/**
 * Fills `scratch.nearest` with the vectors nearest to the query: the results in dense mode, or candidates in hybrid
 * mode.
 */
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
  // With a filter, the walk is extended in proportion to what the filter drops.
  const reach = Math.max(width, candidates, (count * state.vectors.size) / scope.count);
  if (query.exact === true || scope.count <= scanVectorsPerWidth * reach) {
    state.dense.exact.nearest(dense.vector, count, scope.slots, into);
  } else state.dense.nearestWithin(dense.vector, { count, candidates, width }, scope.slots, into);
}
