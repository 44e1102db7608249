// A date that the provider signs proves nothing by itself. With its own clock and nonce, a verifier does not need it.
import { describe, expect, test } from 'vitest';
import { SERVED_AT, makeTestBundle, type Alterations } from './_bundle.ts';
import { bundle, cosigned } from './_trust.ts';
import { verifyBundle, type BundleOptions } from '../src/index.ts';

const HOUR = 3_600_000;
const codeOf = (value: unknown, options: BundleOptions) => verifyBundle(value, options).failed?.code ?? null;
const asked = (now: number, askedAt?: number, value = bundle) => ({
  now,
  expected: { request: value.request, ...(askedAt === undefined ? {} : { askedAt }) },
});

describe('backdating a receipt gains nothing', () => {
  const short = (what: 'offer' | 'identity'): Alterations => ({
    [what]: (value: object) => ({ ...value, expiry: SERVED_AT + 1 }),
  });
  test.each([
    ['offer', 'OFFER_EXPIRED'],
    ['identity', 'IDENTITY_EXPIRED'],
  ] as const)('an expired %s stays expired, whatever the receipt says: %s', (what, code) => {
    const revived = makeTestBundle(short(what));
    expect(codeOf(revived, {})).toBe(null);
    expect(verifyBundle(revived).notProven).toContain('servedAt');
    expect(codeOf(revived, asked(SERVED_AT, undefined, revived))).toBe(null);
    expect(codeOf(revived, asked(SERVED_AT + 1, undefined, revived))).toBe(code);
    expect(codeOf(revived, asked(SERVED_AT + HOUR, undefined, revived))).toBe(code);
    // The time of the question counts, not the time of the check.
    expect(codeOf(revived, asked(SERVED_AT + HOUR, SERVED_AT, revived))).toBe(null);
    expect(codeOf(revived, asked(SERVED_AT + HOUR, SERVED_AT + 1, revived))).toBe(code);
    // A file of an hour ago is not an answer to a question of now.
    expect(codeOf(revived, { now: SERVED_AT + HOUR })).toBe(null);
  });

  test.each([
    ['offer', 'OFFER_EXPIRED'],
    ['identity', 'IDENTITY_EXPIRED'],
  ] as const)('an %s of later than the question is refused: %s', (what, code) => {
    const later = makeTestBundle({ [what]: (value: object) => ({ ...value, issued: SERVED_AT }) });
    expect(codeOf(later, asked(SERVED_AT, SERVED_AT - 120_000, later))).toBe(null);
    expect(codeOf(later, asked(SERVED_AT, SERVED_AT - 120_001, later))).toBe(code);
  });

  test('an answer cannot be older than the nonce of its question', () => {
    expect(codeOf(bundle, asked(SERVED_AT + 200_000, SERVED_AT + 120_000))).toBe(null);
    expect(codeOf(bundle, asked(SERVED_AT + 200_000, SERVED_AT + 120_001))).toBe('CLOCK_STALE');
    // The time of a question means nothing for somebody else's question.
    expect(codeOf(bundle, { now: SERVED_AT + 200_000, expected: { askedAt: SERVED_AT + 200_000 } })).toBe(null);
  });
});

test('times ahead of the clock, and answers older than allowed', () => {
  expect(codeOf(bundle, { now: SERVED_AT + 1_000_000 })).toBe(null);
  expect(codeOf(bundle, { now: SERVED_AT - 120_000 })).toBe(null);
  expect(codeOf(bundle, { now: SERVED_AT - 120_001 })).toBe('CLOCK_FUTURE');
  expect(codeOf(bundle, { now: SERVED_AT + 60_000, maxAgeMs: 60_000 })).toBe(null);
  expect(codeOf(bundle, { now: SERVED_AT + 60_001, maxAgeMs: 60_000 })).toBe('CLOCK_STALE');
  expect(codeOf(cosigned(['a.example'], { age: -500 }), { now: SERVED_AT })).toBe('CLOCK_FUTURE');
});
