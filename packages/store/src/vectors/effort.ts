// How many records each part of a query looks at.
import type { QueryMode } from '@tributary/schemas';
import {
  denseCandidatesMin,
  denseSparseScanMax,
  engineScanVectorsPerWidth,
  graphSearchWidthMax,
  graphWidthVectors,
  hybridCandidatesMax,
  hybridCandidatesMin,
  scanVectorsPerWidth,
} from '../limits.ts';

/** What the effort depends on: the query, and what it is asked of. */
interface Asked {
  readonly query: { readonly mode: QueryMode; readonly topK: number; readonly exact?: boolean; readonly ef?: number };
  /** Records that may be in the results. */
  readonly scope: { readonly count: number };
  readonly graph: { readonly efSearch: number };
  /** All vectors. */
  readonly vectors: { readonly size: number };
  /** An engine that has the graph; null when it is here, with 8-bit numbers that make scans fast. */
  readonly dense: { readonly remote: unknown };
}

/** How the nearest vectors are found. */
interface NearestEffort {
  readonly count: number;
  readonly candidates: number;
  readonly width: number;
  /** True when every vector of the scope is compared, which is exact. */
  readonly scans: boolean;
}

/** Candidates that each half of a query with two parts contributes. */
export function halfCount(topK: number): number {
  return Math.max(topK, Math.min(Math.max(4 * topK, hybridCandidatesMin), hybridCandidatesMax));
}

export function nearestEffort({ query, scope, graph, vectors, dense }: Asked): NearestEffort {
  const isHalf = query.mode !== 'dense';
  const candidates = isHalf ? halfCount(query.topK) : Math.max(2 * query.topK, denseCandidatesMin);
  const count = isHalf ? candidates : query.topK;
  const width = Math.min(query.ef ?? widthFor(graph.efSearch, vectors.size), graphSearchWidthMax);
  // With a filter, the walk is extended in proportion to what the filter drops.
  const reach = Math.max(width, candidates, (count * vectors.size) / scope.count);
  const perWidth = dense.remote === null ? scanVectorsPerWidth : engineScanVectorsPerWidth;
  return { count, candidates, width, scans: query.exact === true || scope.count <= perWidth * reach };
}

const widthFor = (efSearch: number, size: number): number =>
  Math.ceil(efSearch * Math.max(1, size / graphWidthVectors) ** (2 / 3));

/** True when a query with two parts is scored in full, which is exact. */
export function scoresAll(asked: Asked): boolean {
  const { query, scope } = asked;
  if (query.mode === 'hybrid') return query.exact === true || scope.count <= hybridCandidatesMin;
  return scope.count <= denseSparseScanMax || nearestEffort(asked).scans;
}
