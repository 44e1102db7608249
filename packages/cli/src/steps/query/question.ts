import type { Question } from '@tributary/client';
import { resultsMax, TributaryError } from '@tributary/schemas';
import { credits, fraction, jsonObject, wholeNumber } from '../../arguments.ts';

/** Options about the question itself. */
export interface QuestionOptions {
  index?: string;
  k?: string;
  filter?: string;
  mode?: string;
  namespace?: string;
  minRelevance?: string;
  denseWeight?: string;
  maxCharge?: string;
}

/** @throws TributaryError USAGE for an empty question or a value out of range */
export function readQuestion(text: string, options: QuestionOptions): Question {
  const mode = options.mode;
  if (mode !== undefined && mode !== 'hybrid' && mode !== 'dense' && mode !== 'bm25') {
    throw new TributaryError('USAGE', `--mode is hybrid, dense or bm25, not '${mode}'`);
  }
  if (text.trim() === '') throw new TributaryError('USAGE', 'the question is empty');
  return {
    text,
    ...(options.index === undefined ? {} : { index: options.index }),
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.k === undefined ? {} : { topK: wholeNumber('-k', options.k, { min: 1, max: resultsMax }) }),
    ...(options.filter === undefined ? {} : { filter: jsonObject('--filter', options.filter) }),
    ...(mode === undefined ? {} : { mode }),
    ...(options.denseWeight === undefined ? {} : { denseWeight: fraction('--dense-weight', options.denseWeight) }),
    ...(options.minRelevance === undefined ? {} : { minRelevance: fraction('--min-relevance', options.minRelevance) }),
    ...(options.maxCharge === undefined ? {} : { maxCharge: credits('--max-charge', options.maxCharge) }),
  };
}
