// Reading an answer whose results are known gives what reading the whole text gives, whatever a provider writes.
import type { Answer } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestBundle } from './_bundle.ts';
import { buildIndex } from './_index.ts';
import { createVerifierCaches, verifyAnswer } from '../src/index.ts';
import { utf8 } from '../src/primitives.ts';
import { readAnswer } from '../src/statements.ts';
import { readKnown, rememberItems } from '../src/verify/known-items.ts';
import type { VerifiedQuery, VerifiedReceipt, VerifiedSnapshot } from '../src/verify/types.ts';

const honest = makeTestBundle({ index: buildIndex(), mode: 'hybrid' });
const usual = JSON.parse(honest.response) as Answer;
const manifest = usual.manifest;
/** Texts in a record that look like the places where an answer is cut. */
const MARKS = [',"commitments":', '},{"slot":', '"results":[', '{"slot":1,', ']}', '"', '\\', 'ü', '\u2028', 'path'];
const hostile: Answer = {
  ...usual,
  results: usual.results.map((item, at) => {
    const field = item.shown.text;
    const named = Object.fromEntries(MARKS.map((mark) => [mark, { ...field, value: mark }]));
    const shown = { ...item.shown, text: { ...field, value: `${MARKS.join(' ')} ${at}` }, metadata: named };
    return { ...item, shown };
  }),
};
const bodies = [usual, hostile].map((answer) => Buffer.from(JSON.stringify(answer)));

/** Caches of a verifier that knows these results of the answer. */
function knowing(answer: Answer, slots: readonly number[]) {
  const caches = createVerifierCaches();
  const results = answer.results.filter((_, at) => slots.includes(at)).map((item) => structuredClone(item));
  const none = results.map(() => null);
  const verified = { answer: { ...answer, results }, known: none } as unknown as VerifiedReceipt;
  const query = { resultVectors: results.map(() => new Float32Array(1)), resultSparse: none, resultTexts: null };
  rememberItems(verified, { hash: manifest } as VerifiedSnapshot, query as unknown as VerifiedQuery, caches);
  return caches;
}

const outcome = (read: () => Answer): unknown => {
  try {
    return read();
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

test('an honest answer is read from what is known, whole or in part', () => {
  const { caches } = { caches: createVerifierCaches() };
  verifyAnswer(honest, { caches });
  const all = readKnown(honest.response, manifest, caches);
  expect(all.answer).toEqual(usual);
  expect(all.known.every((item) => item !== null)).toBe(true);
  for (const [at, answer] of [usual, hostile].entries()) {
    const { answer: read, known } = readKnown(bodies[at]!, manifest, knowing(answer, [0, 2, 3]));
    expect(read).toEqual(answer);
    expect(known.map((item) => item !== null)).toEqual([true, false, true, true, false]);
  }
});

test('a result is known for its own slot and snapshot only', () => {
  const caches = knowing(usual, [0, 1, 2, 3, 4]);
  const moved = { ...usual, results: usual.results.map((item) => ({ ...item, slot: item.slot + 500 })) };
  const knownOf = (answer: Answer, hash: string) => readKnown(JSON.stringify(answer), hash, caches).known;
  expect(knownOf(moved, manifest)).toEqual([null, null, null, null, null]);
  expect(knownOf(usual, '0'.repeat(64))).toEqual([null, null, null, null, null]);
});

describe('an altered text has the outcome of reading the whole', () => {
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  const change = (body: Buffer, parts: readonly Buffer[]) =>
    fc.oneof(
      fc.record({ from: place, cut: fc.nat(3), put: fc.constantFrom(...parts) }),
      fc.record({ from: place, cut: fc.constant(1), put: fc.nat(255).map((byte) => Buffer.of(byte)) }),
      fc.record({ from: place, cut: fc.nat(body.length), put: fc.constant(Buffer.alloc(0)) }),
    );
  test.each([
    ['usual texts', usual, bodies[0]!],
    ['texts like places of a cut', hostile, bodies[1]!],
  ])('%s', (_, answer, body) => {
    const caches = knowing(answer, [0, 1, 2, 3, 4]);
    const known = answer.results.map((item) => caches.items.get(`${manifest} ${item.slot}`)!.bytes);
    const numbers = ['0', '-0', '1e3', '1.0', ',', 'null', '{', '}', '[', ']', '"known":0}', '"slot":0,', '"relevance":1,'];
    const parts = [...MARKS.map(utf8), ...numbers.map(utf8), ...known].map((part) => Buffer.from(part));
    // Places where an answer is cut are rare in it, so half of the changes are made there.
    const edges = MARKS.slice(0, 3).flatMap((mark) => [
      ...body.toString('latin1').matchAll(RegExp(mark.replaceAll(/[[{}]/g, '\\$&'), 'g')),
    ]);
    const near = (from: number): number =>
      from < 0.5 ? edges[Math.floor(2 * from * edges.length)]!.index : Math.floor((2 * from - 1) * body.length);
    fc.assert(
      fc.property(fc.array(change(body, parts), { minLength: 1, maxLength: 3 }), (changes) => {
        let altered = body;
        for (const { from, cut, put } of changes) {
          const at = Math.min(near(from), altered.length);
          altered = Buffer.concat([altered.subarray(0, at), put, altered.subarray(at + cut)]);
        }
        const whole = outcome(() => readAnswer(altered));
        expect(outcome(() => readKnown(altered, manifest, caches).answer)).toEqual(whole);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    ['a member twice', (text: string) => text.replace('{"slot":', '{"slot":0,"slot":')],
    ['a second list of results', (text: string) => text.replace('"results":[', '"results":[],"results":[')],
    ['white space', (text: string) => text.replace('"relevance":', '"relevance": ')],
    ['a number in another spelling', (text: string) => text.replace('"relevance":0', '"relevance":00')],
    ['a member of its own', (text: string) => text.replace(',"commitments":', ',"more":1,"commitments":')],
    ['another order of members', (text: string) => text.replace(/"slot":([0-9]+),"score":([^,]+)/, '"score":$2,"slot":$1')],
    ['something behind it', (text: string) => `${text} `],
    ['bytes before it', (text: string) => `\uFEFF${text}`],
    ['no end', (text: string) => text.slice(0, -1)],
    ['a result in a result', (text: string) => text.replace('"relevance":', '"relevance":{"slot":1,"commitments":')],
  ])('%s is refused', (_, alter) => {
    const text = alter(honest.response);
    expect(text).not.toBe(honest.response);
    expect(outcome(() => readKnown(text, manifest, knowing(usual, [0, 1, 2, 3, 4])).answer)).toBe('RESPONSE_SHAPE');
  });
});
