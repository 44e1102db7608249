// What a report lists as not proven follows from the question, not from what the answer happens to show.
import type { Bundle, Metric, Request, WholeAnswer } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { SERVED_AT, makeTestBundle } from './_bundle.ts';
import { buildIndex, logOf, vectorOf } from './_index.ts';
import { onAnswer, onRequest } from './_lies.ts';
import { WITNESSES, bundle, cosigned, everyone, trustOf, verify, vkey } from './_trust.ts';
import { checkEmbeddings, mergedNotProven, verifyAnswer } from '../src/index.ts';

const always = ['completeness', 'author'];
const open = ['servedAt', 'witnessed', 'fresh'];
const made = { vector: null, model: null };
const empty = onAnswer((answer: WholeAnswer) => Object.assign(answer, { status: 'empty', results: [] }));
const bare = onAnswer((answer: WholeAnswer) =>
  Object.assign(answer, { status: 'empty', results: [], statistics: null, queryVector: null }),
);
const gone = onAnswer((answer: WholeAnswer) =>
  Object.assign(answer, { status: 'gone', results: [], statistics: null, queryVector: null }),
);
const words = (value: Bundle) => {
  const { ok, notProven } = verify(value);
  expect(ok).toBe(true);
  return notProven;
};

describe('by mode and by who made the query vector', () => {
  test.each<[string, Parameters<typeof makeTestBundle>[0] & object, string[]]>([
    ['hybrid, vector sent', {}, ['embedding', 'corpusStatistics']],
    ['hybrid, vector made by the provider', onRequest(made), ['embedding', 'queryEmbedding', 'corpusStatistics']],
    ['dense, vector sent', { mode: 'dense' }, ['embedding']],
    [
      'dense, vector made by the provider',
      { mode: 'dense', request: (request: Request) => ({ ...request, ...made }) },
      ['embedding', 'queryEmbedding'],
    ],
    ['keywords', { mode: 'bm25' }, ['corpusStatistics']],
  ])('%s: the same for full and for empty answers', (_name, options, expected) => {
    const list = [...always, ...expected, ...open];
    expect(words(makeTestBundle(options))).toEqual(list);
    expect(words(makeTestBundle({ ...options, answer: empty }))).toEqual(list);
    expect(words(makeTestBundle({ ...options, answer: bare }))).toEqual(list);
    expect(words(makeTestBundle({ ...options, answer: gone }))).toEqual([...always, ...expected, 'deletion', ...open]);
  });
});

test.each<[Metric, boolean]>([
  ['cosine', false],
  ['dotproduct', true],
  ['euclidean', true],
])('the length of vectors counts with metric %s: %s', async (metric, counts) => {
  const index = buildIndex({ metric });
  const dense = makeTestBundle({ index, mode: 'dense', request: (request) => ({ ...request, minRelevance: 0 }) });
  expect(words(dense).includes('vectorLength')).toBe(counts);
  expect(words(makeTestBundle({ index, mode: 'bm25' }))).not.toContain('vectorLength');
  // Embedding the texts again only compares directions.
  const embed = async (texts: readonly string[]) => texts.map((text) => vectorOf(`record ${/Passage (\d+)/.exec(text)![1]}`));
  const advice = await checkEmbeddings(verifyAnswer(dense), { model: JSON.parse(dense.offer.body).card.model, embed });
  expect(advice.notProven).not.toContain('embedding');
  expect(advice.notProven.includes('vectorLength')).toBe(counts);
});

test('a list made of several answers has an order that nobody proved', () => {
  const one = verifyAnswer(makeTestBundle({ mode: 'dense' }));
  const other = verifyAnswer(makeTestBundle({ mode: 'bm25' }));
  expect(mergedNotProven([])).toEqual([]);
  expect(mergedNotProven([one])).toEqual(one.notProven);
  expect(mergedNotProven([one, other])).toEqual([...always, 'embedding', 'corpusStatistics', 'mergedRank', ...open]);
});

describe("fresh takes the verifier's own clock and its own nonce", () => {
  const trust = trustOf({ ...everyone, witnesses: WITNESSES.map((name) => vkey(name)), quorum: 2 });
  const seen = cosigned(['a.example', 'c.example']);
  const expected = { request: bundle.request };
  const now = SERVED_AT + 1_000;
  test.each<[string, object, boolean]>([
    ['both', { now, expected }, true],
    ['no clock', { expected }, false],
    ['no nonce', { now }, false],
    ['neither', {}, false],
    ['a quorum of ten minutes ago', { now: SERVED_AT - 10_000 + 600_000, expected }, true],
    ['a quorum of more than ten minutes ago', { now: SERVED_AT - 10_000 + 600_001, expected }, false],
    [
      'a receipt dated back to its cosignatures',
      { now: SERVED_AT + 30 * 86_400_000, expected: { ...expected, askedAt: now } },
      false,
    ],
  ])('%s', (_name, options, fresh) => {
    const { ok, notProven } = verify(seen, trust, options);
    expect({ ok, fresh: !notProven.includes('fresh'), witnessed: !notProven.includes('witnessed') }).toEqual({
      ok: true,
      fresh,
      witnessed: true,
    });
  });

  test('and the newest entry of the head that was signed', () => {
    const index = buildIndex();
    const log = logOf([...index.bodies, '{}'], { index: index.bodies.length - 1 });
    const grown = makeTestBundle({ index: { ...index, log } });
    const { ok, notProven } = verify(cosigned(['a.example', 'c.example'], { base: grown }), trust, { now, expected });
    expect(ok).toBe(true);
    expect(notProven).toContain('fresh');
  });

  test('without a quorum nothing is fresh', () => {
    expect(verify(bundle, trustOf(everyone), { now, expected }).notProven).toEqual(
      expect.arrayContaining(['witnessed', 'fresh']),
    );
  });

  test('an answer that the verifier asked for itself is dated by its own clock', () => {
    expect(verify(seen, trust, { now, expected }).notProven).not.toContain('servedAt');
    expect(verify(seen, trust, { now }).notProven).toContain('servedAt');
  });
});
