// A verifier that has seen a result before checks less of it. Whatever a provider changes of a known result is refused
// with the code that a verifier without memory gives.
import type { Bundle, QueryMode, Request } from '@tributary/schemas';
import { expect, test } from 'vitest';
import { makeTestBundle, type Alterations } from './_bundle.ts';
import { wholeOf } from './_whole.ts';
import { buildIndex } from './_index.ts';
import { leavesOf, variants, withChange, type Json } from './_members.ts';
import {
  createVerifierCaches,
  makeBundle,
  ProofError,
  verifyAnswer,
  type AnswerParts,
  type VerifierCaches,
} from '../src/index.ts';
import { verifiedItemsBytesMax } from '../src/verify/limits.ts';

const index = buildIndex();
const modes: QueryMode[] = ['dense', 'bm25', 'hybrid'];
const serve = (mode: QueryMode, answer: NonNullable<Alterations['answer']> = (honest) => honest) =>
  makeTestBundle({ index, mode, answer, request: (asked) => ({ ...asked, topK: 2 }) });

function codeOf(parts: AnswerParts, caches: VerifierCaches): string {
  try {
    verifyAnswer(parts, { caches });
    return 'accepted';
  } catch (error) {
    if (error instanceof ProofError) return error.code;
    throw error;
  }
}

/** Caches of a verifier that has accepted the honest answer in each mode. */
function afterHonest(): VerifierCaches {
  const caches = createVerifierCaches();
  for (const mode of modes) verifyAnswer(serve(mode), { caches });
  return caches;
}

test.each(modes)('%s: a change of any member of a known result is refused as it is without memory', (mode) => {
  const caches = afterHonest();
  const honest = wholeOf(serve(mode));
  const first = honest.results[0]! as unknown as Json;
  // The name of a record follows from it.
  for (const path of leavesOf(first).filter((one) => one.at(-1) !== 'record')) {
    const value = path.reduce<Json>((at, key) => (at as Record<string | number, Json>)[key]!, first);
    for (const to of variants(value).filter((other) => other !== value)) {
      const altered = written(() => serve(mode, (answer) => withChange(answer, ['results', 0, ...path], to)));
      // The path of a known place is not looked at, and neither bytes nor path are a part of what was signed.
      if (altered === null || path[0] === 'path') continue;
      const code = codeOf(altered, caches);
      expect([path.join('.'), to, code]).toEqual([path.join('.'), to, codeOf(altered, createVerifierCaches())]);
    }
  }
  expect(codeOf(serve(mode), caches)).toBe('accepted');
});

/** Null when the change has no bytes: a salt of another length, a hash that is none. */
function written(make: () => Bundle): Bundle | null {
  try {
    return make();
  } catch {
    return null;
  }
}

test('hashes moved from one list of a known result to the next are refused', () => {
  const caches = afterHonest();
  for (const [from, to] of [
    ['path', 'writePath'],
    ['writePath', 'path'],
    ['path', 'commitments'],
  ] as const) {
    const altered = serve('dense', (answer) => {
      const [first] = answer.results;
      if (from === 'writePath') first![to].push(first![from].shift()!);
      else first![to][0] = first![from].pop()!;
      return answer;
    });
    expect(codeOf(altered, caches)).toBe(codeOf(altered, createVerifierCaches()));
    expect(codeOf(altered, caches)).not.toBe('accepted');
  }
});

test('nobody can change what is known', () => {
  const caches = createVerifierCaches();
  const forged = 'A text that nobody signed.';
  for (let asked = 0; asked < 2; asked += 1) {
    const [first] = verifyAnswer(serve('dense'), { caches }).answer.results;
    expect(() => (first!.shown.text.value = forged)).toThrow(TypeError);
    expect(() => (first!.shown.metadata['year']!.value = 1)).toThrow(TypeError);
    expect(() => first!.writePath.push(forged)).toThrow(TypeError);
    first!.path.pop(); // a copy
  }
  expect(codeOf(serve('dense'), caches)).toBe('accepted');
  const altered = serve('dense', (honest) => {
    honest.results[0]!.shown.text.value = forged;
    return honest;
  });
  expect(codeOf(altered, caches)).toBe('TEXT_COMMITMENT');
});

test('a result is known in its own snapshot only, and one that was refused is not known', () => {
  const caches = createVerifierCaches();
  const altered = serve('dense', (honest) => {
    honest.results[1]!.shown.text.value += ' ';
    return honest;
  });
  expect(codeOf(altered, caches)).toBe('TEXT_COMMITMENT');
  expect(caches.items.size).toBe(0);
  verifyAnswer(serve('dense'), { caches });
  const { size } = caches.items;
  expect(size).toBeGreaterThan(0);
  const later = buildIndex({ time: index.manifest.time + 1 });
  verifyAnswer(makeTestBundle({ index: later, mode: 'dense' }), { caches });
  expect(caches.items.size).toBeGreaterThan(size);
  expect(caches.items.weight).toBeLessThan(verifiedItemsBytesMax);
});

test('a record that is known is not looked at again in another answer or snapshot, but its place is', () => {
  const caches = afterHonest();
  const later = buildIndex({ time: index.manifest.time + 1 });
  const moved = (records: NonNullable<Alterations['records']>) => makeTestBundle({ index: later, mode: 'dense', records });
  const noBytes = moved((list) => list.map((one) => ({ ...one, shown: '' })));
  const known = moved((list) => list);
  expect(codeOf(known, createVerifierCaches())).toBe('accepted');
  expect(codeOf(noBytes, createVerifierCaches())).toBe('RECORD_HASH');
  const wrongPath = moved((list) => list.map(({ shown, path }) => ({ shown, path: path.toReversed() })));
  expect(codeOf(wrongPath, caches)).toBe('ITEM_INCLUSION');
  expect(codeOf(known, caches)).toBe('accepted');
  // All of it is known now. Whatever arrives, the bundle has what was verified.
  const verified = verifyAnswer(noBytes, { caches });
  expect(makeBundle(noBytes, verified).records).toEqual(known.records);
});

test("a caller's own question is not read again, and any other one is", () => {
  const bundle = serve('dense');
  const { nonce, body } = bundle.request;
  const ownRequest = { body, request: JSON.parse(body) as Request };
  const expected = { request: { nonce, body } };
  expect(verifyAnswer(bundle, { ownRequest, expected }).request).toBe(ownRequest.request);
  const other = makeTestBundle({ index, mode: 'dense', request: (asked) => ({ ...asked, topK: 3 }) });
  expect(verifyAnswer(other, { ownRequest }).request.topK).toBe(3);
  expect(() => verifyAnswer(other, { ownRequest, expected })).toThrow(expect.objectContaining({ code: 'REQUEST_MISMATCH' }));
  const unreadable = makeTestBundle({ index, mode: 'dense', request: (asked) => ({ ...asked, more: 1 }) as Request });
  expect(() => verifyAnswer(unreadable, { ownRequest })).toThrow(expect.objectContaining({ code: 'REQUEST_MISMATCH' }));
});
