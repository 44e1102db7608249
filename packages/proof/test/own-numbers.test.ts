// The verifier trusts no number of an answer. It computes each itself, and carefully chosen vectors do not enlarge its
// tolerance.
import type { Metric, Request } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { makeTestBundle } from './_bundle.ts';
import { wholeOf } from './_whole.ts';
import { DIMENSION, buildIndex, usualRecord, vectorOf } from './_index.ts';
import { codeOf, index, itemOf, onAnswer, onFirst, onRequest } from './_lies.ts';
import { serializeBundle, verifyBundle } from '../src/index.ts';
import { vectorToBase64url } from '../src/primitives.ts';
import { denseScore } from '../src/ranking.ts';
import { measureDense } from '../src/score/dense.ts';

const filled = (...head: number[]) => Float32Array.from({ length: DIMENSION }, (_, at) => head[at] ?? 0);

/** An index of one metric in which record 8 has this vector, and a question that only record 8 matches. */
function rigged(metric: Metric, vector: Float32Array, query: Float32Array, changes: Partial<Request> = {}) {
  const held = buildIndex({ metric }, (number) => ({ ...usualRecord(number), ...(number === 8 ? { vector } : {}) }));
  const asked = { mode: 'dense', denseWeight: null, filter: { year: 2008 }, minRelevance: 0, text: null } as const;
  return { index: held, ...onRequest({ ...asked, vector: vectorToBase64url(query), ...changes }) };
}
const claiming = (dense: number) =>
  onFirst((item) => {
    item.dense = dense;
    item.score = dense;
    item.relevance = Math.min(1, Math.max(0, dense));
  });

describe('vectors that enlarge the tolerance', () => {
  test.each<[string, Metric, Float32Array]>([
    ['minus infinity', 'dotproduct', filled(1, -Infinity)],
    ['infinity', 'euclidean', filled(Infinity)],
    ['NaN', 'dotproduct', filled(NaN)],
    ['NaN', 'cosine', filled(1, NaN)],
  ])('a result vector with %s, metric %s, whatever is claimed', (_name, metric, vector) => {
    const options = rigged(metric, vector, filled(1, 1));
    for (const claim of [0.999, 0, 1]) expect(codeOf({ ...options, answer: claiming(claim) })).toBe('SCORE');
    const keywords = rigged(metric, vector, filled(1), { mode: 'bm25', text: 'spring floods', vector: null, model: null });
    expect(codeOf(keywords)).toBe('SCORE');
  });

  test('components that cancel: a real 0.0025 does not pass as 12345', () => {
    const query = filled(1e19, 1e19, 0.05);
    const vector = filled(1e19, -1e19, 0.05);
    const real = denseScore('dotproduct', query, vector);
    expect(real).toBeCloseTo(0.0025, 6);
    const options = rigged('dotproduct', vector, query);
    expect(codeOf(options)).toBe(null);
    for (const claim of [12_345, 0.999, real + 1e-6, 0]) expect(codeOf({ ...options, answer: claiming(claim) })).toBe('SCORE');
  });

  test('huge components allow no more than a billionth', () => {
    const options = rigged('dotproduct', filled(3e38), filled(3e38));
    const real = denseScore('dotproduct', filled(3e38), filled(3e38));
    expect(codeOf(options)).toBe(null);
    expect(codeOf({ ...options, answer: claiming(real * (1 + 1e-8)) })).toBe('SCORE');
  });

  test('a record without direction has no cosine', () => {
    const options = rigged('cosine', filled(), filled(1));
    for (const claim of [0, 0.999, 1]) expect(codeOf({ ...options, answer: claiming(claim) })).toBe('SCORE');
  });

  test.each<[Metric, number]>([
    ['cosine', 2 ** -35],
    ['dotproduct', 2 ** -35],
    ['euclidean', 2 ** -35],
  ])('for ordinary vectors and metric %s, the tolerance is 2^-36 of the magnitudes', (metric, most) => {
    const { dense, tolerance } = measureDense(metric, vectorOf('a'), vectorOf('a'));
    expect(tolerance).toBeGreaterThan(0);
    expect(tolerance).toBeLessThanOrEqual(most);
    expect(Math.abs(dense - (metric === 'euclidean' ? 0 : 1))).toBeLessThan(1e-6);
    const options = rigged(metric, vectorOf('a'), vectorOf('a'));
    expect(codeOf(options)).toBe(null);
    expect(codeOf({ ...options, answer: onFirst((item) => (item.dense! += 2 ** -26)) })).toBe('SCORE');
    expect(codeOf({ ...options, answer: onFirst((item) => (item.dense! += 2 ** -33)) })).toBe('SCORE');
    expect(codeOf({ ...options, answer: onFirst((item) => (item.dense! += 2 ** -38)) })).toBe(null);
  });
});

describe('keyword scores', () => {
  const zebra = { mode: 'bm25', denseWeight: null, text: 'zebra', vector: null, model: null, minRelevance: 0 } as const;
  test.each([
    [0, 'RELEVANCE_BOUND'],
    [1e-10, 'SCORE'],
    [Number.MIN_VALUE, 'SCORE'],
  ])('a result without any term of the question cannot be sold, claimed as %d: %s', (claim, code) => {
    const answer = onAnswer((draft) => {
      expect(draft.results).toEqual([]);
      draft.status = 'ok';
      draft.results = [{ ...itemOf(10, { ...draft, mode: 'bm25' }), bm25: claim, score: claim, relevance: 0 }];
    });
    expect(codeOf({ ...onRequest(zebra), answer })).toBe(code);
  });

  test('the tolerance is relative: common words allow no more than rare ones', () => {
    const common = { mode: 'bm25', denseWeight: null, text: 'spring', vector: null, model: null, minRelevance: 0 } as const;
    expect(codeOf(onRequest(common))).toBe(null);
    const answer = onFirst((item) => {
      item.bm25! *= 1 + 2e-9;
      item.score = item.bm25!;
    });
    expect(codeOf({ ...onRequest(common), answer })).toBe('SCORE');
  });
});

describe('the bound of the question', () => {
  test('a result below it is refused, also when its own numbers are honest', () => {
    const answer = onAnswer((draft) => void draft);
    const honest = wholeOf(makeTestBundle({ index }));
    const bound = (honest.results[0]!.relevance + honest.results.at(-1)!.relevance) / 2;
    expect(codeOf({ answer })).toBe(null);
    expect(codeOf({ ...onRequest({ minRelevance: bound }), answer: () => honest })).toBe('RELEVANCE_BOUND');
  });

  test('and when the relevance claimed is above it', () => {
    const honest = wholeOf(makeTestBundle({ index }));
    const bound = honest.results.at(-1)!.relevance + 1e-6;
    honest.results.at(-1)!.relevance = bound;
    expect(codeOf({ ...onRequest({ minRelevance: bound }), answer: () => honest })).toBe('SCORE');
  });
});

test('a list cut short and signed with its lower charge verifies: that is completeness, and it is listed as not proven', () => {
  const whole = makeTestBundle({ index });
  const cut = onAnswer((answer) => (answer.results = answer.results.slice(0, 2)));
  const report = verifyBundle(serializeBundle(makeTestBundle({ index, answer: cut })));
  expect(report).toMatchObject({ ok: true, facts: { results: 2 } });
  expect(report.notProven).toContain('completeness');
  expect(BigInt(report.facts!.charge)).toBeLessThan(BigInt(whole.receipt.charge));
  const none = onAnswer((answer) => Object.assign(answer, { status: 'empty', results: [] }));
  expect(verifyBundle(serializeBundle(makeTestBundle({ index, answer: none })))).toMatchObject({
    ok: true,
    facts: { results: 0, status: 'empty' },
    notProven: expect.arrayContaining(['completeness', 'embedding', 'corpusStatistics']),
  });
});
