import iconv from 'iconv-lite';

/**
 * Frequency of each letter in Russian prose, in per cent. Source: the Russian National Corpus, as published by
 * Lyashevskaya and Sharov, Frequency Dictionary of Modern Russian (2009).
 */
const RUSSIAN_LETTERS: Record<string, number> = {
  о: 10.97,
  е: 8.45,
  а: 8.01,
  и: 7.35,
  н: 6.7,
  т: 6.26,
  с: 5.47,
  р: 4.73,
  в: 4.54,
  л: 4.4,
  к: 3.49,
  м: 3.21,
  д: 2.98,
  п: 2.81,
  у: 2.62,
  я: 2.01,
  ы: 1.9,
  ь: 1.74,
  г: 1.7,
  з: 1.65,
  б: 1.59,
  ч: 1.44,
  й: 1.21,
  х: 0.97,
  ж: 0.94,
  ш: 0.73,
  ю: 0.64,
  ц: 0.48,
  щ: 0.36,
  э: 0.32,
  ф: 0.26,
  ъ: 0.04,
  ё: 0.04,
};
const ALPHABET = Object.keys(RUSSIAN_LETTERS);
const EXPECTED = Object.values(RUSSIAN_LETTERS);

/** The 8-bit Cyrillic encodings used in practice. On a tie the earlier one wins. */
const CANDIDATES = ['windows-1251', 'koi8-u', 'cp866', 'iso-8859-5'] as const;
const PUNCTUATION = /[\s«»„“”‘’—–…№•§°·]/u;
/**
 * Lowest score that counts as Cyrillic prose. Right decodings of a few words score 0.5 and more, wrong ones under 0.3.
 */
const SCORE_MIN = 0.42;

/** The 8-bit Cyrillic encoding in which the bytes read best as prose; null when none fits. */
export function detectCyrillic(sample: Uint8Array): { encoding: string; score: number } | null {
  let best: { encoding: string; score: number } | null = null;
  for (const encoding of CANDIDATES) {
    const text = iconv.decode(sample, encoding);
    // The small letters of Greek, Hebrew and Arabic encodings are capitals in KOI8, and nobody writes whole texts in
    // capitals.
    const score = cyrillicScore(text) * (encoding === 'koi8-u' && isMostlyCapitals(text) ? 0.5 : 1);
    if (score > (best?.score ?? SCORE_MIN)) best = { encoding, score };
  }
  return best;
}

function isMostlyCapitals(text: string): boolean {
  const count = (letters: RegExp): number => text.match(letters)?.length ?? 0;
  return count(/[А-ЯЁ]/gu) > count(/[а-яё]/gu);
}

/**
 * How well text reads as Cyrillic prose, at most 1. It is the correlation of its letters with Russian letter
 * frequencies, times the share of its non-ASCII characters that are Cyrillic letters, minus the share of letters in
 * impossible places (a capital after a small letter, a Cyrillic letter next to a Latin one).
 *
 * @internal exported for its tests
 */
export function cyrillicScore(text: string): number {
  const counts = new Map<string, number>();
  let letters = 0;
  let others = 0;
  let misplaced = 0;
  let before = '';
  for (const char of text) {
    if (char > '\u007f' && !PUNCTUATION.test(char)) {
      if (/[\u0400-\u045f\u0490\u0491]/u.test(char)) {
        letters += 1;
        const small = char.toLowerCase();
        counts.set(small, (counts.get(small) ?? 0) + 1);
        if (/[a-z]/iu.test(before) || (char !== small && /[а-яё]/u.test(before))) misplaced += 1;
      } else others += 1;
    } else if (/[a-z]/iu.test(char) && before >= '\u0400' && before <= '\u045f') misplaced += 1;
    before = char;
  }
  if (letters === 0) return 0;
  const fit = correlation(
    EXPECTED,
    ALPHABET.map((letter) => counts.get(letter) ?? 0),
  );
  return fit * (letters / (letters + others)) - misplaced / letters;
}

/** Pearson's correlation coefficient. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  const meanA = mean(a);
  const meanB = mean(b);
  let both = 0;
  let squareA = 0;
  let squareB = 0;
  for (let index = 0; index < a.length; index += 1) {
    const deltaA = (a[index] ?? 0) - meanA;
    const deltaB = (b[index] ?? 0) - meanB;
    both += deltaA * deltaB;
    squareA += deltaA * deltaA;
    squareB += deltaB * deltaB;
  }
  return squareB === 0 ? 0 : both / Math.sqrt(squareA * squareB);
}
