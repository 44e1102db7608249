// The stemmer in the code is the one that docs/spec/query.md names.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { porter } from '../testing/porter.ts';
import { terms } from './terms.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'.split('');
const stemOf = (word: string): string | undefined => terms(word)[0];
const isStop = (word: string): boolean => terms(word).length === 0;

test.each([
  // Examples of the paper.
  ['caresses', 'caress'],
  ['ponies', 'poni'],
  ['agreed', 'agre'],
  ['plastered', 'plaster'],
  ['motoring', 'motor'],
  ['conflated', 'conflat'],
  ['hopping', 'hop'],
  ['falling', 'fall'],
  ['filing', 'file'],
  ['happy', 'happi'],
  ['sky', 'sky'],
  ['relational', 'relat'],
  ['vietnamization', 'vietnam'],
  ['triplicate', 'triplic'],
  ['adjustable', 'adjust'],
  ['adoption', 'adopt'],
  ['probate', 'probat'],
  ['rate', 'rate'],
  ['controll', 'control'],
  ['roll', 'roll'],
  // Departures of his program from the paper.
  ['possibly', 'possibl'],
  ['archaeology', 'archaeolog'],
  ['as1', 'as1'],
  ['us', 'us'],
  // A departure from his program.
  ['byying', 'byi'],
])('%s becomes %s', (word, stem) => {
  expect(stemOf(word)).toBe(stem);
  if (/^[a-z]+$/.test(word)) expect(porter(word)).toBe(stem);
});

test('every word of up to three letters has the stem of the reference', () => {
  const differing: string[] = [];
  for (const a of ['', ...LETTERS])
    for (const b of ['', ...LETTERS])
      for (const c of LETTERS) {
        const word = a + b + c;
        if (!isStop(word) && stemOf(word) !== porter(word)) differing.push(word);
      }
  expect(differing).toEqual([]);
});

test('so has every word made of syllables and suffixes', () => {
  const syllable = fc.constantFrom(...'a e i o u y b d f l m n s t w x z at bl iz ll ss st by yo tr ee ai'.split(' '));
  const suffix = fc.constantFrom(
    ...'s es ies sses ed eed ing ational tional enci anci izer bli abli alli entli eli ousli ization ation ator alism iveness fulness ousness aliti iviti biliti logi icate ative alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent ion sion tion ou ism ate iti ous ive ize e y ll'.split(
      ' ',
    ),
  );
  const word = fc
    .tuple(fc.array(syllable, { maxLength: 5 }), fc.array(suffix, { minLength: 1, maxLength: 3 }))
    .map(([head, tail]) => [...head, ...tail].join(''));
  fc.assert(
    fc.property(word, (text) => {
      fc.pre(text.length <= 64 && !isStop(text));
      expect(stemOf(text)).toBe(porter(text));
    }),
    { numRuns: 5_000 },
  );
});
