// Terms depend on Unicode 15.0, not on the version of the engine.
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fold, isUnspaced, runsOf } from './fold.ts';
import { terms } from './terms.ts';

const assigned = /^\p{Assigned}$/u;
/** Every code point, with its folded form; null for those that Unicode 15.0 does not assign. */
const LETTERS = Array.from({ length: 0x11_00_00 }, (_, point) => String.fromCodePoint(point));
const FOLDED = LETTERS.map((letter) => {
  const folded = fold(letter);
  return folded === ' ' && !/^[ \u00a0\u2000-\u200a\u202f\u205f\u3000]$/.test(letter) ? null : folded;
});
afterEach(() => {
  vi.restoreAllMocks();
});

test('code points assigned later are not letters and do not decompose, whatever this engine knows', { timeout: 60_000 }, () => {
  const later = LETTERS.filter((letter, point) => FOLDED[point] === null && assigned.test(letter));
  // The engine must be newer than the rule, or the test would show nothing.
  expect(Number(process.versions['unicode'])).toBeGreaterThan(15);
  expect(later.length).toBeGreaterThan(5_000);
  // OUTLINED LATIN CAPITAL LETTER A of Unicode 16, which is A under NFKC.
  expect(later).toContain('\u{1ccd6}');
  expect(later.filter((letter) => /\p{L}/u.test(letter)).length).toBeGreaterThan(1_000);
  expect(terms(`é${later.join('x')}é`)).toEqual(['é', ...Array.from({ length: later.length - 1 }, () => 'x'), 'é']);
});

test('the classes of all that was assigned are those of Unicode 15.0', { timeout: 60_000 }, () => {
  const scripts = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}\u30fc]$/u;
  const word = /^[\p{L}\p{N}\p{M}]$/u;
  const kindOf = (letter: string) => (!word.test(letter) ? 'none' : scripts.test(letter) ? 'unspaced' : 'word');
  const differing = LETTERS.filter((letter, point) => {
    if (FOLDED[point] === null) return false;
    const [run] = runsOf(letter);
    return (run === undefined ? 'none' : isUnspaced(run) ? 'unspaced' : 'word') !== kindOf(letter);
  });
  // General categories and scripts of existing code points may change. None did up to the version of this engine.
  expect(differing).toEqual([]);
});

test('each code point of Unicode 15.0 is folded as on every other engine', () => {
  const digest = createHash('sha256');
  FOLDED.forEach((folded, point) => {
    if (folded !== null) digest.update(`${point.toString(16)} ${folded}\n`);
  });
  expect(FOLDED.filter((folded) => folded !== null)).toHaveLength(288_767);
  expect(digest.digest('hex')).toBe('4693ab6a269fa2e11879ba58fb7fb871e4e113d01c62eb5372628330d7042f87');
});

describe('an engine of the future', () => {
  const lowerCase = String.prototype.toLowerCase;
  test('that gives a letter a new small form changes nothing', () => {
    const before = terms('ԱԲ ÀÉ Ж');
    vi.spyOn(String.prototype, 'toLowerCase').mockImplementation(function toLowerCase(this: string) {
      return lowerCase.call(this).replaceAll('⚓', '\u{1ccd6}').replaceAll('ꬾ', '\u{1ccd7}');
    });
    expect('ꬾ'.toLowerCase()).toBe('\u{1ccd7}');
    expect(terms('ԱԲ ÀÉ Ж')).toEqual(before);
    expect(terms('ꬾÉꬾ')).toEqual(['ꬾéꬾ']);
  });
});
