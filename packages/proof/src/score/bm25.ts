import type { Statistics } from '@tributary/schemas';

/**
 * Term frequency saturation and length normalisation of BM25 (Robertson and Zaragoza 2009, usual values).
 *
 * @internal exported for its tests
 */
export const BM25_K1 = 1.2;
const BM25_B = 0.75;
/**
 * Saturation of a term's occurrences in the question (Robertson and Zaragoza 2009, §3.4.3).
 *
 * @internal exported for its tests
 */
export const BM25_K3 = 8;

/** A query ready to score many records. */
export interface Bm25Query {
  /** Terms of the query that occur in the namespace, with their weight. */
  readonly terms: readonly { readonly term: string; readonly weight: number }[];
  readonly averageLength: number;
  /**
   * Upper bound for a text with every term of the query. Terms that occur nowhere count too; then the bound is not
   * reached.
   */
  readonly bound: number;
}

/**
 * Weight of a term that `documents` of `records` contain; never negative.
 *
 * @internal exported for its tests
 */
export function idf(records: number, documents: number): number {
  return Math.log(1 + (records - documents + 0.5) / (documents + 0.5));
}

/** What one term with `count` occurrences adds to the score of a text of `length` terms. */
export function bm25Part(weight: number, count: number, length: number, averageLength: number): number {
  return (weight * count * (BM25_K1 + 1)) / (count + BM25_K1 * (1 - BM25_B + (BM25_B * length) / averageLength));
}

/**
 * Weight of a term that occurs `occurrences` times in the question: 1 for once, never above k3 + 1.
 *
 * @internal exported for its tests
 */
export function repeatFactor(occurrences: number): number {
  return ((BM25_K3 + 1) * occurrences) / (BM25_K3 + occurrences);
}

/**
 * Weights of the query's terms from the statistics of the namespace, in their order.
 *
 * @param asked occurrences of each term in the query (`queryTerms`)
 */
export function bm25Query(statistics: Statistics, asked: ReadonlyMap<string, number>): Bm25Query {
  const { records, averageLength } = statistics;
  const weighed = Object.entries(statistics.terms).map(([term, documents]) => {
    return { term, documents, weight: idf(records, documents) * repeatFactor(asked.get(term) ?? 0) };
  });
  const bound = weighed.reduce((sum, { weight }) => sum + weight * (BM25_K1 + 1), 0);
  const terms = weighed.filter(({ documents }) => documents > 0).map(({ term, weight }) => ({ term, weight }));
  return { terms, averageLength, bound };
}

/** BM25 score of a text given the occurrences of its terms and its length in terms (docs/spec/query.md). */
export function bm25(query: Bm25Query, counts: ReadonlyMap<string, number>, length: number): number {
  let sum = 0;
  for (const { term, weight } of query.terms) {
    const count = counts.get(term);
    if (count !== undefined) sum += bm25Part(weight, count, length, query.averageLength);
  }
  return sum;
}

/**
 * How much another implementation's BM25 may differ for a verifier, because logarithms are not the same to the last bit
 * everywhere. Nothing cancels in the sum, so the tolerance is relative: 0 is 0, and a small bound does not turn a small
 * difference into a large share.
 */
export function bm25Tolerance(score: number): number {
  return 1e-9 * score;
}
