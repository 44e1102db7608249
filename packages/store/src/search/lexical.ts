import { resetTopK } from '../slots/top-k.ts';
import { halfCount } from '../vectors/effort.ts';
import type { Prepared, Scope, SearchState } from './types.ts';

/** Fills `scratch.lexical` with the best texts by BM25: the results in bm25 mode, or candidates in hybrid mode. */
export function lexical(state: SearchState, { query, words }: Prepared, scope: Scope): void {
  const { lexical: into } = state.scratch;
  resetTopK(into, 0);
  if (words === null) return;
  // The postings of a namespace contain its slots only, so without a filter nothing must be dropped.
  const isOwn = scope.count === state.namespaces.byName.get(query.namespace)?.list.length;
  state.lexical.best(words, query.mode === 'bm25' ? query.topK : halfCount(query.topK), isOwn ? null : scope.slots, into);
}
