import { searchText, type ResultItem, type Statistics } from '@tributary/schemas';
import { ProofError } from '../errors.ts';
import { bm25, bm25Tolerance } from '../score/bm25.ts';
import { measureDense } from '../score/dense.ts';
import { scoreOf } from '../score/rank.ts';
import { termCounts, terms } from '../score/terms.ts';
import type { VerifiedQuery, VerifiedReceipt, VerifiedSnapshot } from './types.ts';

/** Step 9, second part: each score follows from the vectors, the text and the signed statistics. */
export function checkScores(verified: VerifiedReceipt, { manifest }: VerifiedSnapshot, query: VerifiedQuery): void {
  const { answer, request } = verified;
  const texts = query.keywords === null ? null : answer.results.map(({ shown }) => readText(shown));
  answer.results.forEach((item, at) => {
    checkDense(item, query, at, manifest.metric);
    checkKeywords(item, query, texts?.[at]);
    const { mode } = answer;
    const bound = query.keywords?.bound ?? 0;
    const parts = { dense: item.dense, bm25: item.bm25, denseWeight: request.denseWeight, bound };
    const { score, relevance } = scoreOf({ mode, metric: manifest.metric, ...parts });
    // The parts were compared already; what is left are logarithms in `bound`, which engines may round differently.
    if (!near(item.score, score, 1e-9 * (1 + Math.abs(score))) || !near(item.relevance, relevance, 1e-9))
      throw wrong(item, `score ${item.score} or relevance ${item.relevance} do not follow from its parts`);
  });
  if (texts !== null && answer.statistics !== null) checkStatistics(texts, answer.statistics);
}

interface TextTerms {
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

function readText(shown: ResultItem['shown']): TextTerms {
  const list = terms(searchText({ text: shown.text.value, source: shown.source.value }));
  return { counts: termCounts(list), length: list.length };
}

function checkDense(
  item: ResultItem,
  { vector, resultVectors }: VerifiedQuery,
  at: number,
  metric: 'cosine' | 'dotproduct' | 'euclidean',
): void {
  if ((item.dense === null) !== (vector === null)) throw wrong(item, 'a dense part is there if and only if the mode uses it');
  if (item.dense === null || vector === null) return;
  const { dense, tolerance } = measureDense(metric, vector, resultVectors[at]!);
  if (!near(item.dense, dense, tolerance)) throw wrong(item, `the dense part is ${item.dense}, recomputed ${dense}`);
}

function checkKeywords(item: ResultItem, { keywords }: VerifiedQuery, text: TextTerms | undefined): void {
  if ((item.bm25 === null) !== (keywords === null)) throw wrong(item, 'a bm25 part is there if and only if the mode uses it');
  if (item.bm25 === null || keywords === null || text === undefined) return;
  const expected = bm25(keywords, text.counts, text.length);
  if (!near(item.bm25, expected, bm25Tolerance(expected)))
    throw wrong(item, `the bm25 part is ${item.bm25}, recomputed ${expected}`);
}

/** What the results themselves say about the statistics: terms occur in at least these records, texts have at least these lengths. */
function checkStatistics(texts: readonly TextTerms[], { records, averageLength, terms: documents }: Statistics): void {
  for (const [term, count] of Object.entries(documents)) {
    if (texts.filter(({ counts }) => counts.has(term)).length > count)
      throw new ProofError('STATISTICS', `the statistics count fewer records with '${term}' than the answer shows`);
  }
  const shown = texts.reduce((sum, { length }) => sum + length, 0);
  if (shown > records * averageLength * (1 + 1e-9))
    throw new ProofError('STATISTICS', 'the average length is below what the answer shows');
}

function near(claimed: number, expected: number, tolerance: number): boolean {
  // False for NaN on either side.
  return Math.abs(claimed - expected) <= tolerance;
}

function wrong(item: ResultItem, why: string): ProofError {
  return new ProofError('SCORE', `result in slot ${item.slot}: ${why}`);
}
