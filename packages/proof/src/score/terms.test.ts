import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold } from './fold.ts';
import { queryTerms, termCounts, terms } from './terms.ts';

test.each([
  ['', []],
  ['The QUICK brown foxes are jumping over it', ['quick', 'brown', 'fox', 'jump', 'over']],
  ['state-of-the-art, H2O & CO₂', ['state', 'art', 'h2o', 'co2']],
  ['x_y snake_case 3.14', ['x', 'y', 'snake', 'case', '3', '14']],
  ['Grüße, naïve Ελλάδα', ['grüße', 'naïve', 'ελλάδα']],
  ['ΟΔΟΣ οδος οδοσ', ['οδοσ', 'οδοσ', 'οδοσ']],
  ['ies sses eed eeds', ['i', 'ss', 'eed', 'eed']],
  ['constructor __proto__ toString', ['constructor', 'proto', 'tostr']],
  ['ﬁne ＡＢＣ', ['fine', 'abc']],
  ['東京都', ['東京', '京都']],
  ['猫', ['猫']],
  ['iPhone手机壳2', ['iphon', '手机', '机壳', '2']],
  ['コーヒー', ['コー', 'ーヒ', 'ヒー']],
  ['한국어 말', ['한국', '국어', '말']],
  ['กขค', ['กข', 'ขค']],
  ['𠮷野家', ['𠮷野', '野家']],
  ['。、「」!?', []],
])('terms of %j', (text, expected) => {
  expect(terms(text)).toEqual(expected);
});

test('the 33 stop words are dropped, and only those', () => {
  const stop =
    'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with';
  expect(stop.split(' ')).toHaveLength(33);
  expect(terms(stop)).toEqual([]);
  expect(terms('from has he its were which')).toHaveLength(6);
});

test('words longer than 64 letters are kept whole', () => {
  const word = 'a'.repeat(60);
  expect(terms(`${word}ing ${word}aaing`)).toEqual([word, `${word}aaing`]);
});

test('both readers agree on ASCII: a trailing non-ASCII sign changes nothing', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(terms(`${text} …`)).toEqual(terms(`${text} `));
    }),
  );
});

test('terms of any text hold no upper case, white space or stop word, and the NFKC form has the same terms', () => {
  // Letters that the engine knows and Unicode 15.0 does not may decompose into letters that both know.
  const known = fc
    .string({ unit: 'grapheme' })
    .filter((text) => [...text].every((letter) => letter === ' ' || fold(letter) !== ' '));
  fc.assert(
    fc.property(known, (text) => {
      const list = terms(text);
      expect(list.every((term) => term !== '' && !/\s/.test(term) && term !== 'the')).toBe(true);
      expect(terms(text.normalize('NFKC'))).toEqual(list);
    }),
  );
});

test('query terms are distinct, counted, in order of first use, and at most 256', () => {
  expect([...queryTerms('cats dogs cat')]).toEqual([
    ['cat', 2],
    ['dog', 1],
  ]);
  const many = Array.from({ length: 300 }, (_, at) => `w${at}`).join(' ');
  expect([...queryTerms(`${many} w255 w299`)].slice(-2)).toEqual([
    ['w254', 1],
    ['w255', 2],
  ]);
});

test('counts add up to the length', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('cat', 'dog', 'fish')), (words) => {
      const list = terms(words.join(' '));
      expect([...termCounts(list).values()].reduce((sum, count) => sum + count, 0)).toBe(list.length);
    }),
  );
});
