/** Relevance of documents to one query: judged gain by document. Documents without a judgement are not relevant. */
export type Judgements = ReadonlyMap<string, number>;

/**
 * Normalised discounted cumulative gain with linear gain: `Σ gain / log2(rank + 1)` over the first `depth` documents,
 * divided by the same sum over the best order possible (Järvelin and Kekäläinen 2002; the variant that BEIR reports
 * through trec_eval).
 *
 * @returns 0 to 1; NaN when nothing is judged relevant
 */
export function ndcg(ranked: readonly string[], judged: Judgements, depth: number): number {
  const gains = ranked.slice(0, depth).map((document) => gainOf(judged, document));
  const ideal = [...judged.values()].filter((gain) => gain > 0).toSorted((a, b) => b - a);
  return discounted(gains) / discounted(ideal.slice(0, depth));
}

/** Share of the relevant documents that are among the first `depth`; NaN when none is judged relevant. */
export function recall(ranked: readonly string[], judged: Judgements, depth: number): number {
  const relevant = [...judged.values()].filter((gain) => gain > 0).length;
  const found = new Set(ranked.slice(0, depth).filter((document) => gainOf(judged, document) > 0));
  return found.size / relevant;
}

/** True when the query can be scored: at least one document is judged relevant. */
export function hasRelevant(judged: Judgements): boolean {
  return [...judged.values()].some((gain) => gain > 0);
}

function gainOf(judged: Judgements, document: string): number {
  return Math.max(0, judged.get(document) ?? 0);
}

function discounted(gains: readonly number[]): number {
  return gains.reduce((sum, gain, at) => sum + gain / Math.log2(at + 2), 0);
}
