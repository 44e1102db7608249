import { MODE_PARTS } from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import { denseQuery } from '../vectors/dense-query.ts';
import type { EngineQuery, Prepared, SearchState } from './types.ts';

/**
 * Checks a query and computes everything that is needed once per query.
 *
 * @throws StoreError QUERY_INVALID, VECTOR_*
 */
export function prepare(state: SearchState, query: EngineQuery): Prepared {
  const { mode, vector, terms } = query;
  const uses = MODE_PARTS[mode];
  if (!Number.isInteger(query.topK) || query.topK < 1) throw invalid(`topK is ${query.topK}; it must be a whole number from 1`);
  const dense = uses.dense ? denseQuery(state.vectors, need(vector, mode, 'a vector')) : null;
  if (uses.sparse) need(query.sparse, mode, 'a sparse vector');
  if (!uses.bm25) return { query, dense, words: null };
  if (mode === 'hybrid') need(query.denseWeight, mode, 'a weight of the dense part');
  const asked = need(terms, mode, 'text');
  const statistics = state.lexical.statistics(query.namespace, [...asked.keys()], query.excludeUnsold);
  return { query, dense, words: state.lexical.prepare(query.namespace, statistics, asked) };
}

function need<T>(part: T | null, mode: string, what: string): T {
  if (part === null) throw invalid(`a query in ${mode} mode needs ${what}`);
  return part;
}

function invalid(message: string): StoreError {
  return new StoreError('QUERY_INVALID', message);
}
