// For tests of dishonest providers: changes that are signed as the provider itself could sign them.
import { MODE_PARTS, type Request, type ResultItem, type WholeAnswer } from '@tributary/schemas';
import { makeTestBundle, requestOf, type Alterations } from './_bundle.ts';
import { resultOf } from './_answers.ts';
import { buildIndex, seed, vectorOf } from './_index.ts';
import { serializeBundle, verifyBundle } from '../src/index.ts';
import { toBase64url } from '../src/primitives.ts';
import { bm25Query, compareResults, denseScore, queryTerms } from '../src/ranking.ts';

export const index = buildIndex();
export type Options = Parameters<typeof makeTestBundle>[0];
export const codeOf = (options: Options, expected = {}) =>
  verifyBundle(serializeBundle(makeTestBundle({ index, ...options })), { expected }).failed?.code ?? null;
export const onAnswer =
  (change: (answer: WholeAnswer) => void): NonNullable<Alterations['answer']> =>
  (answer) => {
    change(answer);
    return answer;
  };
export const onFirst = (change: (item: ResultItem) => void) => onAnswer(({ results }) => change(results[0]!));
export const onRequest = (changes: Partial<Request>) => ({ request: (request: Request) => ({ ...request, ...changes }) });
export const flipped = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
export const other = toBase64url(seed('other'));

/** The honest result for a record, whether or not it belongs in the answer. */
export function itemOf(number: number, answer: WholeAnswer, held = index.held.get(number)!): ResultItem {
  const dense = MODE_PARTS[answer.mode].dense ? denseScore('cosine', vectorOf('question'), held.record.vector) : null;
  const request = requestOf(answer.mode);
  const words = answer.statistics && bm25Query(answer.statistics, queryTerms(request.text!));
  return resultOf(held, index, dense, words, request);
}
export function insert(answer: WholeAnswer, item: ResultItem): void {
  answer.results = [...answer.results.slice(0, -1), item].sort(compareResults(answer.mode, 'cosine'));
}
