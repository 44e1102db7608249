import { fuse } from './fuse.ts';
import { lexical } from './lexical.ts';
import { nearest } from './nearest.ts';
import { prepare } from './prepare.ts';
import { rank } from './rank.ts';
import { select } from './scope.ts';
import type { EngineHit, EngineQuery, SearchState } from './types.ts';

/**
 * Answers a query from memory in one synchronous turn: `prepare -> select -> nearest -> lexical -> fuse -> rank`.
 *
 * @returns at most `topK` results in the order of docs/spec/query.md
 * @throws StoreError QUERY_INVALID, VECTOR_*
 */
export function search(state: SearchState, query: EngineQuery): EngineHit[] {
  const prepared = prepare(state, query);
  const scope = select(state, query);
  if (scope.count === 0) return [];
  nearest(state, prepared, scope);
  lexical(state, prepared, scope);
  return rank(state, prepared, fuse(state, prepared, scope));
}
