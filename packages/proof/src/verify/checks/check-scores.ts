import type { Metric, Request, ResultItem, SparseVector, Statistics } from '@tributary/schemas';
import { ProofError } from '../../errors.ts';
import { bm25, bm25Tolerance } from '../../score/bm25.ts';
import { measureDense } from '../../score/dense.ts';
import { scoreOf } from '../../score/rank.ts';
import { measureSparse } from '../../score/sparse.ts';
import type { TextTerms } from '../../score/terms.ts';
import type { VerifiedQuery, VerifiedReceipt, VerifiedSnapshot } from '../types.ts';

/**
 * How much the answer's relevance may differ from the verifier's own, because logarithms in the bound differ in the
 * last bits between engines.
 */
const RELEVANCE_TOLERANCE = 1e-9;

/**
 * Step 9, second part: the verifier computes every number itself, from the vectors, the text and the signed statistics.
 * The numbers of the answer must agree, and the results must be in the order of the verifier's own numbers. Bounds are
 * compared only with its own numbers.
 */
export function checkScores(verified: VerifiedReceipt, { manifest }: VerifiedSnapshot, query: VerifiedQuery): void {
  const { answer, request } = verified;
  const texts = query.resultTexts;
  answer.results.forEach((item, at) => {
    const record = { vector: query.resultVectors[at]!, sparse: query.resultSparse[at]!, text: texts?.[at] ?? null };
    const own = measure(request, manifest.metric, query, record);
    checkClaims(item, own);
    if (own.relevance + RELEVANCE_TOLERANCE < request.minRelevance || isUnrelated(request, own))
      throw new ProofError('RELEVANCE_BOUND', `the result in slot ${item.slot} is below the relevance asked for`);
  });
  if (texts !== null && answer.statistics !== null) checkStatistics(texts, answer.statistics);
}

/** The verifier's own numbers for one result. A part that the mode does not use is null. */
interface Measured {
  readonly dense: number | null;
  readonly denseTolerance: number;
  readonly sparse: number | null;
  readonly sparseTolerance: number;
  /** Indices that the sparse vectors of question and record have in common. */
  readonly shared: number;
  readonly bm25: number | null;
  readonly score: number;
  readonly relevance: number;
}

/** What one result shows. */
interface ShownRecord {
  readonly vector: Float32Array;
  readonly sparse: SparseVector | null;
  readonly text: TextTerms | null;
}

function measure({ mode, denseWeight }: Request, metric: Metric, query: VerifiedQuery, record: ShownRecord): Measured {
  const { dense, tolerance: denseTolerance } =
    query.vector === null ? NOT_DENSE : measureDense(metric, query.vector, record.vector);
  const {
    sparse,
    tolerance: sparseTolerance,
    shared,
  } = query.sparse === null ? NOT_SPARSE : measureSparse(query.sparse, record.sparse);
  const { text } = record;
  const keywords = query.keywords === null || text === null ? null : bm25(query.keywords, text.counts, text.length);
  const parts = { mode, metric, dense, bm25: keywords, sparse, denseWeight, bound: query.keywords?.bound ?? 0 };
  return { dense, denseTolerance, sparse, sparseTolerance, shared, bm25: keywords, ...scoreOf(parts) };
}
const NOT_DENSE = { dense: null, tolerance: 0 };
const NOT_SPARSE = { sparse: null, tolerance: 0, shared: 0 };

/** In modes of one part, a result has something in common with the question. */
function isUnrelated({ mode }: Request, { bm25: keywords, shared }: Measured): boolean {
  return (mode === 'bm25' && !(keywords! > 0)) || (mode === 'sparse' && shared === 0);
}

function checkClaims(item: ResultItem, own: Measured): void {
  checkPart(item, 'dense', own.dense, own.denseTolerance);
  checkPart(item, 'bm25', own.bm25, bm25Tolerance(own.bm25 ?? 0));
  checkPart(item, 'sparse', own.sparse, own.sparseTolerance);
  const scored = near(item.score, own.score, 1e-9 * (1 + Math.abs(own.score)));
  if (!scored || !near(item.relevance, own.relevance, RELEVANCE_TOLERANCE))
    throw wrong(item, `score ${item.score}, relevance ${item.relevance}; recomputed ${own.score}, ${own.relevance}`);
}

function checkPart(item: ResultItem, part: 'dense' | 'bm25' | 'sparse', own: number | null, tolerance: number): void {
  const claimed = item[part] ?? null;
  if ((claimed === null) !== (own === null)) throw wrong(item, `a ${part} part is present if and only if the mode uses it`);
  if (claimed !== null && own !== null && !near(claimed, own, tolerance))
    throw wrong(item, `the ${part} part is ${claimed}, recomputed ${own}`);
}

/**
 * What the results show about the statistics: terms occur in at least these records, and texts have at least these
 * lengths.
 */
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
