// How many records each part of a query looks at.
import {
  denseCandidatesMin,
  denseSparseScanMax,
  graphSearchWidthMax,
  hybridCandidatesMax,
  hybridCandidatesMin,
  scanVectorsPerWidth,
} from '../limits.ts';
import type { EngineQuery, Scope, SearchState } from './types.ts';

/** Candidates that each half of a query with two parts contributes. */
export function halfCount(topK: number): number {
  return Math.max(topK, Math.min(Math.max(4 * topK, hybridCandidatesMin), hybridCandidatesMax));
}

/** How the nearest vectors are found. */
interface NearestEffort {
  readonly count: number;
  readonly candidates: number;
  readonly width: number;
  /** True when every vector of the scope is compared, which is exact. */
  readonly scans: boolean;
}

export function nearestEffort(state: SearchState, query: EngineQuery, scope: Scope): NearestEffort {
  const isHalf = query.mode !== 'dense';
  const candidates = isHalf ? halfCount(query.topK) : Math.max(2 * query.topK, denseCandidatesMin);
  const count = isHalf ? candidates : query.topK;
  const width = Math.min(query.ef ?? state.graph.efSearch, graphSearchWidthMax);
  // With a filter, the walk is extended in proportion to what the filter drops.
  const reach = Math.max(width, candidates, (count * state.vectors.size) / scope.count);
  return { count, candidates, width, scans: query.exact === true || scope.count <= scanVectorsPerWidth * reach };
}

/** True when a query with two parts is scored in full, which is exact. */
export function scoresAll(state: SearchState, query: EngineQuery, scope: Scope): boolean {
  if (query.mode === 'hybrid') return query.exact === true || scope.count <= hybridCandidatesMin;
  return scope.count <= denseSparseScanMax || nearestEffort(state, query, scope).scans;
}
