import type { Metric, QueryMode } from '@tributary/schemas';
import { closeness } from './dense.ts';

/** The computed parts of one result. A part that the mode does not use is null. */
export interface ScoreParts {
  readonly mode: QueryMode;
  readonly metric: Metric;
  readonly dense: number | null;
  readonly bm25: number | null;
  /** Dot product of the sparse vectors. */
  readonly sparse?: number | null;
  /** Weight of the dense part in a hybrid score; the keyword part has the rest. Null in the other modes. */
  readonly denseWeight: number | null;
  /** Upper bound of BM25 for this query; 0 when it has no terms. */
  readonly bound: number;
}

/**
 * Score and relevance of a result from its parts (docs/spec/query.md). Results are ordered by score. Relevance is a
 * number from 0 to 1 for which a request may set a minimum.
 *
 * @throws TypeError when a part that the mode needs is null
 */
export function scoreOf(parts: ScoreParts): { score: number; relevance: number } {
  const { mode, metric, bound } = parts;
  if (mode === 'dense') {
    const dense = need(parts.dense, 'dense');
    return { score: dense, relevance: clip(closeness(metric, dense)) };
  }
  if (mode === 'sparse' || mode === 'dense-sparse') {
    const sparse = need(parts.sparse ?? null, 'sparse');
    // One addition of two sums, each in its own order, so that the halves can be computed apart.
    const score = mode === 'sparse' ? sparse : need(parts.dense, 'dense') + sparse;
    return { score, relevance: clip(score) };
  }
  const bm25 = need(parts.bm25, 'bm25');
  const share = bound > 0 ? bm25 / bound : 0;
  if (mode === 'bm25') return { score: bm25, relevance: clip(share) };
  const score = fuse(need(parts.denseWeight, 'weight of the dense'), closeness(metric, need(parts.dense, 'dense')), share);
  return { score, relevance: clip(score) };
}

/**
 * Pointwise fusion. It depends on this result only, so a verifier can recompute it without the results that were not
 * returned.
 */
export function fuse(denseWeight: number, close: number, share: number): number {
  return denseWeight * close + (1 - denseWeight) * share;
}

/** Order of results: best first, equal scores by slot. Negative when `a` comes before `b`. */
export function compareResults(mode: QueryMode, metric: Metric): (a: Ranked, b: Ranked) => number {
  const ascending = mode === 'dense' && metric === 'euclidean';
  return (a, b) => (ascending ? a.score - b.score : b.score - a.score) || a.slot - b.slot;
}

export interface Ranked {
  readonly slot: number;
  readonly score: number;
}

function need(part: number | null, name: string): number {
  if (part === null) throw new TypeError(`the ${name} part of the score is missing`);
  return part;
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}
