// Statements that cannot be true, whoever signed them: each needs a check of its own, since everything else about the answer is right.
import type { Answer, Manifest, Request, Statistics } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { makeTestBundle, resultOf } from './_bundle.ts';
import { ZERO_HASH, buildIndex, vectorOf } from './_index.ts';
import { codeOf, index, onAnswer, onRequest, type Options } from './_lies.ts';
import { bm25Query, compareResults, denseScore, queryTerms } from '../src/index.ts';

/** An answer whose statistics are false, with every score computed from them as the rules say. */
function counting(change: (statistics: Statistics) => void, question: Partial<Request> = {}): Options {
  const options = onRequest({ minRelevance: 0, ...question });
  const request = JSON.parse(makeTestBundle({ index, ...options }).request.body) as Request;
  const answer = onAnswer((draft: Answer) => {
    change(draft.statistics!);
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
    ['a mean length just above', null, counting((draft) => (draft.averageLength = 200 / draft.records))],
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
    const answer = onAnswer((draft: Answer) => {
      const { terms } = draft.statistics!;
      const counts = changes.terms === undefined ? terms : Object.fromEntries(Object.keys(terms).map((term) => [term, 0]));
      Object.assign(draft, { status: 'empty', results: [], statistics: { ...draft.statistics, ...changes, terms: counts } });
    });
    expect(codeOf({ answer })).toBe(code);
  });
});

describe('counts and papers', () => {
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
