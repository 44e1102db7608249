import { resetTopK } from '../slots/top-k.ts';
import { nearestEffort, scoresAll } from '../vectors/effort.ts';
import type { Asked } from '../vectors/types.ts';
import type { Prepared, Scope, SearchState } from './types.ts';

/**
 * Fills `scratch.nearest` with the vectors nearest to the query: the results in dense mode, or candidates in modes of
 * two parts.
 */
export function nearest(state: SearchState, { query, dense }: Prepared, scope: Scope, asked: Asked | null): void {
  const { nearest: into } = state.scratch;
  resetTopK(into, 0);
  if (dense === null || (query.mode === 'dense-sparse' && scoresAll({ ...state, query, scope }))) return;
  const { scans, ...walk } = nearestEffort({ ...state, query, scope });
  if (scans) state.dense.exact.nearest(dense.vector, walk.count, scope.slots, into);
  else state.dense.nearestWithin(dense.vector, walk, scope.slots, into, asked);
}
