// Statements that cannot be true, whoever signed them. Each needs a check of its own, because everything else about the
// answer is right.
import { searchText, type Manifest, type Request, type Statistics, type WholeAnswer } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { ZERO_HASH } from '../src/bytes.ts';
import { SERVED_AT, makeTestBundle } from './_bundle.ts';
import { wholeOf } from './_whole.ts';
import { resultOf } from './_answers.ts';
import { buildIndex, vectorOf } from './_index.ts';
import { codeOf, index, onAnswer, onRequest, type Options } from './_lies.ts';
import { vectorToBase64url } from '../src/primitives.ts';
import { bm25Query, compareResults, denseScore, queryTerms, terms } from '../src/ranking.ts';

/** An answer with false statistics, and every score computed from them by the rules. */
function counting(change: (statistics: Statistics, shown: number) => void, question: Partial<Request> = {}): Options {
  const options = onRequest({ minRelevance: 0, ...question });
  const request = JSON.parse(makeTestBundle({ index, ...options }).request.body) as Request;
  const answer = onAnswer((draft: WholeAnswer) => {
    const lengths = draft.results.map(
      ({ shown }) => terms(searchText({ text: shown.text.value, source: shown.source.value })).length,
    );
    change(
      draft.statistics!,
      lengths.reduce((sum, length) => sum + length, 0),
    );
    const words = bm25Query(draft.statistics!, queryTerms(request.text!));
    draft.results = draft.results
      .map(({ slot }) => [...index.held.values()].find((held) => held.slot === slot)!)
      .map((held) => resultOf(held, index, denseScore('cosine', vectorOf('question'), held.record.vector), words, request))
      .toSorted(compareResults('hybrid', 'cosine'));
  });
  return { ...options, answer };
}

describe('statistics', () => {
  const nothingFound = { text: 'zebra' };
  test.each<[string, string | null, Options]>([
    ['as they are', null, counting(() => undefined)],
    ['a mean length below what the results show', 'STATISTICS', counting((draft) => (draft.averageLength = 2))],
    [
      'a mean length two thirds of what the results show',
      'STATISTICS',
      counting((draft, shown) => (draft.averageLength = (0.66 * shown) / draft.records)),
    ],
    [
      "a term in the place of one of the question's",
      'STATISTICS',
      counting((draft) => {
        draft.terms['boat'] = draft.terms['river']!;
        delete draft.terms['river'];
      }),
    ],
    ['a mean length just above', null, counting((draft, shown) => (draft.averageLength = (1.01 * shown) / draft.records))],
    [
      'fewer records than results',
      'STATISTICS',
      counting((draft) => Object.assign(draft, { records: 4, averageLength: 1_000 }), nothingFound),
    ],
    [
      'as many records as results',
      null,
      counting((draft) => Object.assign(draft, { records: 5, averageLength: 1_000 }), nothingFound),
    ],
    ['a term in fewer records than the results show', 'STATISTICS', counting((draft) => (draft.terms['river'] = 4))],
    ['a term in as many records', null, counting((draft) => (draft.terms['river'] = 5))],
  ])('%s: %s', (_name, code, options) => {
    expect(codeOf(options)).toBe(code);
  });

  test.each<[string, string | null, Partial<Statistics>]>([
    ['a term, but no length', 'STATISTICS', { averageLength: 0 }],
    ['no term and no length', null, { averageLength: 0, terms: {} }],
    ['more records than live ones', 'STATISTICS', { records: 40 }],
    ['as many records as live ones', null, { records: 39 }],
  ])('of an empty answer, %s: %s', (_name, code, changes) => {
    const answer = onAnswer((draft: WholeAnswer) => {
      const { terms } = draft.statistics!;
      const counts = changes.terms === undefined ? terms : Object.fromEntries(Object.keys(terms).map((term) => [term, 0]));
      Object.assign(draft, { status: 'empty', results: [], statistics: { ...draft.statistics, ...changes, terms: counts } });
    });
    expect(codeOf({ answer })).toBe(code);
  });
});

describe('counts and statements', () => {
  const held = (overrides: Partial<Manifest>): Options => ({ index: buildIndex(overrides), mode: 'dense' });
  test.each<[string, string | null, Options]>([
    ['more results than live records', 'RESULT_COUNT', held({ live: 4 })],
    ['as many', null, held({ live: 5 })],
    [
      'an offer of another dimension',
      'MANIFEST_MISMATCH',
      { offer: (offer) => ({ ...offer, card: { ...offer.card, dimension: offer.card.dimension + 1 } }) },
    ],
  ])('%s: %s', (_name, code, options) => {
    expect(codeOf(options)).toBe(code);
  });

  test.each<[string, string | null, Options]>([
    ['a snapshot with just the write asked for', null, onRequest({ minSequence: 3 })],
    ['a snapshot without it', 'MANIFEST_MISMATCH', onRequest({ minSequence: 4 })],
    ['a manifest dated two minutes after the receipt', null, { index: buildIndex({ time: SERVED_AT + 120_000 }) }],
    ['a voucher for just what its ticket acknowledges', null, { cumulative: '321' }],
    ['a voucher for less', 'VOUCHER_AMOUNT', { cumulative: '320' }],
    [
      'a query vector with one component that is not finite',
      'QUERY_VECTOR',
      onRequest({ vector: vectorToBase64url(vectorOf('question').with(3, Infinity)) }),
    ],
  ])('%s: %s', (_name, code, options) => {
    expect(codeOf(options)).toBe(code);
  });

  test('a result just at the relevance asked for', () => {
    const honest = wholeOf(makeTestBundle({ index }));
    const bound = honest.results.at(-1)!.relevance;
    expect(codeOf(onRequest({ minRelevance: bound }))).toBe(null);
    expect(codeOf({ ...onRequest({ minRelevance: bound + 5e-9 }), answer: () => honest })).toBe('RELEVANCE_BOUND');
  });

  const first = { sequence: 1, previous: ZERO_HASH };
  const acked = (ackedTotal: string): Options => ({ ticket: (ticket) => ({ ...ticket, ackedTotal, ackedReceipt: ZERO_HASH }) });
  test.each<[string, string | null, Options]>([
    ['from nothing', null, { ...acked('0'), receipt: (receipt) => ({ ...receipt, ...first, chargedTotal: receipt.charge }) }],
    [
      'from a total that no receipt gave',
      'RECEIPT_CHAIN',
      { ...acked('0'), receipt: (receipt) => ({ ...receipt, ...first, chargedTotal: String(BigInt(receipt.charge) + 1n) }) },
    ],
    [
      'numbered zero',
      'RECEIPT_CHAIN',
      { ...acked('0'), receipt: (receipt) => ({ ...receipt, sequence: 0, chargedTotal: receipt.charge }) },
    ],
  ])('the first receipt of a channel counts %s: %s', (_name, code, options) => {
    expect(codeOf(options)).toBe(code);
  });
});
