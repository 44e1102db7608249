// Bundles of sold vectors: any change is refused, whoever makes it, and what is compared with one's own vectors.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVectors, isEmbeddingProof, verifyBundle, verifyEmbeddingBundle, verifyEmbeddings } from '../src/index.ts';
import { makeTestBundle, SERVED_AT } from './_bundle.ts';
import { makeEmbeddingBundle } from './_embedding-bundle.ts';

const bundle = makeEmbeddingBundle();
const text = JSON.stringify(bundle);

test('a bundle with one character changed is refused, at every fifth', () => {
  for (let at = 0; at < text.length; at += 5) {
    const other = text[at] === '1' ? '2' : '1';
    const report = verifyEmbeddingBundle(text.slice(0, at) + other + text.slice(at + 1));
    expect([at, report.ok]).toEqual([at, false]);
  }
});

test('neither kind of bundle passes for the other', () => {
  expect(verifyBundle(text).failed?.code).toBe('BUNDLE_SHAPE');
  expect(verifyEmbeddingBundle(makeTestBundle()).failed?.code).toBe('BUNDLE_SHAPE');
  expect([text, makeTestBundle(), '{', null].map(isEmbeddingProof)).toEqual([true, false, false, false]);
});

test('the client refuses an answer to other texts, another ticket, a higher charge and an old date', () => {
  const { nonce, body } = bundle.request;
  const now = SERVED_AT + 1_000;
  const codeOf = (expected: object, at = now) => {
    try {
      return verifyEmbeddings(bundle, { expected: { request: { nonce, body }, askedAt: at, ...expected }, now: at }).notProven;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(codeOf({})).toEqual(['embedding']);
  expect(codeOf({ request: { nonce, body: body.replace('floods', 'tides') } })).toBe('REQUEST_MISMATCH');
  expect(codeOf({ ticketId: 'A'.repeat(22) })).toBe('RECEIPT_MISMATCH');
  expect(codeOf({ offer: '0'.repeat(64) })).toBe('OFFER_MISMATCH');
  expect(codeOf({ maxCharge: '11' })).toBe('RECEIPT_CHARGE');
  expect(codeOf({}, now + 600_000)).toBe('CLOCK_STALE');
});

test('vectors of one model agree in direction and length, others do not', () => {
  const own = Float32Array.of(3, 4, 0);
  const same = (...given: number[]) => compareVectors(Float32Array.from(given), own).same;
  expect([same(3, 4, 0), same(3.1, 3.9, 0.1), same(3.2, 4.3, 0)]).toEqual([true, true, true]);
  expect([same(4, 3, 0), same(-3, -4, 0), same(6, 8, 0), same(2, 2.7, 0), same(3, 4), same(0, 0, 0)]).toEqual(
    Array(6).fill(false),
  );
  expect(compareVectors(Float32Array.of(0, 0), Float32Array.of(0, 0))).toEqual({ cosine: 1, same: true });
});

test('a vector agrees with itself, whatever its components', () => {
  const component = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1048576, max: 1048576 });
  fc.assert(
    fc.property(fc.array(component, { minLength: 1, maxLength: 64 }), (components) => {
      const vector = Float32Array.from(components);
      return compareVectors(vector, vector.slice()).same;
    }),
  );
});
