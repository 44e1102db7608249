import type { Statistics } from '@tributary/schemas';

/** Term frequency saturation and length normalisation of BM25 (Robertson and Zaragoza 2009, usual values). */
export const BM25_K1 = 1.2;
export const BM25_B = 0.75;

/** A query ready to be scored against many records. */
export interface Bm25Query {
  /** Terms of the query that occur in the namespace, with their weight. */
  readonly terms: readonly { readonly term: string; readonly idf: number }[];
  readonly averageLength: number;
  /** What a text with every term of the query would tend to; terms that occur nowhere count, so that they cannot be met. */
  readonly bound: number;
}

/** Weight of a term that `documents` of `records` contain; never negative. */
export function idf(records: number, documents: number): number {
  return Math.log(1 + (records - documents + 0.5) / (documents + 0.5));
}

/** What one term with `count` occurrences adds to the score of a text of `length` terms. */
export function bm25Part(weight: number, count: number, length: number, averageLength: number): number {
  return (weight * count * (BM25_K1 + 1)) / (count + BM25_K1 * (1 - BM25_B + (BM25_B * length) / averageLength));
}

/** Weights of the query's terms from the statistics of the namespace. */
export function bm25Query(statistics: Statistics): Bm25Query {
  const asked = Object.entries(statistics.terms).map(([term, documents]) => ({
    term,
    documents,
    idf: idf(statistics.records, documents),
  }));
  const bound = asked.reduce((sum, { idf: weight }) => sum + weight * (BM25_K1 + 1), 0);
  const found = asked.filter(({ documents }) => documents > 0).map(({ term, idf: weight }) => ({ term, idf: weight }));
  return { terms: found, averageLength: statistics.averageLength, bound };
}

/** BM25 score of a text given the occurrences of its terms and its length in terms (docs/spec/query.md). */
export function bm25(query: Bm25Query, counts: ReadonlyMap<string, number>, length: number): number {
  let sum = 0;
  for (const { term, idf: weight } of query.terms) {
    const count = counts.get(term);
    if (count !== undefined) sum += bm25Part(weight, count, length, query.averageLength);
  }
  return sum;
}

/** How far a verifier lets another implementation's BM25 differ: logarithms are not the same to the last bit everywhere. */
export function bm25Tolerance(score: number): number {
  return 1e-9 * (1 + score);
}
