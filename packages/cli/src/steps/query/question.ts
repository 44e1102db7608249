import type { Question } from '@tributary/client';
import { checkShape, queryMode, resultsMax, sparseInput, toSparse, TributaryError, type SparseVector } from '@tributary/schemas';
import { credits, fraction, jsonObject, wholeNumber } from '../../arguments.ts';

/** Options about the question itself. */
export interface QuestionOptions {
  index?: string;
  k?: string;
  filter?: string;
  mode?: string;
  sparse?: string;
  namespace?: string;
  minRelevance?: string;
  denseWeight?: string;
  maxCharge?: string;
}

/** @throws TributaryError USAGE for an empty question or a value out of range */
export function readQuestion(text: string, options: QuestionOptions): Question {
  const { data: mode, success } = queryMode.optional().safeParse(options.mode);
  if (!success) throw new TributaryError('USAGE', `--mode is ${queryMode.options.join(', ')}, not '${options.mode}'`);
  if (text.trim() === '') throw new TributaryError('USAGE', 'the question is empty');
  return {
    text,
    ...(options.index === undefined ? {} : { index: options.index }),
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.k === undefined ? {} : { topK: wholeNumber('-k', options.k, { min: 1, max: resultsMax }) }),
    ...(options.filter === undefined ? {} : { filter: jsonObject('--filter', options.filter) }),
    ...(mode === undefined ? {} : { mode }),
    ...(options.sparse === undefined ? {} : { sparse: sparseOf(options.sparse) }),
    ...(options.denseWeight === undefined ? {} : { denseWeight: fraction('--dense-weight', options.denseWeight) }),
    ...(options.minRelevance === undefined ? {} : { minRelevance: fraction('--min-relevance', options.minRelevance) }),
    ...(options.maxCharge === undefined ? {} : { maxCharge: credits('--max-charge', options.maxCharge) }),
  };
}

/** @throws TributaryError USAGE, INPUT_SHAPE */
function sparseOf(text: string): SparseVector {
  const sparse = toSparse(checkShape(sparseInput, jsonObject('--sparse', text), '--sparse'));
  if (sparse === null) throw new TributaryError('USAGE', '--sparse has no value that is not 0');
  return sparse;
}
