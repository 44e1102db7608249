import { resetTopK } from '../slots/top-k.ts';
import { halfCount } from '../vectors/effort.ts';
import type { Prepared, Scope, SearchState } from './types.ts';

/**
 * Fills `scratch.sparse` with the best records by their sparse vectors: the results in sparse mode, or candidates in
 * dense-sparse mode.
 */
export function sparse(state: SearchState, { query }: Prepared, scope: Scope): void {
  const { sparse: into } = state.scratch;
  resetTopK(into, 0);
  if (query.sparse === null) return;
  state.sparse.sumUp(query.namespace, query.sparse);
  // The lists of a namespace contain its slots only, so without a filter nothing must be dropped.
  const isOwn = scope.count === state.namespaces.byName.get(query.namespace)?.list.length;
  state.sparse.best(query.mode === 'sparse' ? query.topK : halfCount(query.topK), isOwn ? null : scope.slots, into);
}
