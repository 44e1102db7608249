import { MARKS, type LanguageMarks } from './language-marks.ts';

/** Signs of a foreign language that are required when there are none of the known ones. A single sign may be a name. */
const MARKS_MIN = 2;
/** Share of words in foreign scripts from which a question counts as foreign. A Greek letter in a formula does not. */
const FOREIGN_SCRIPT_SHARE = 0.25;
const ENDING_WORD_MIN = 6;
/** `B cells`, `E. coli`: names, not the articles that they look like. */
const SINGLE_LETTER = /^[a-z]$/;
const WORD = /[\p{L}\p{M}]+/gu;
/** Scripts without spaces: each character counts as a word. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;
/** Scripts for which Unicode has several names, by the likely script of a language (ISO 15924). */
const SEVERAL: Readonly<Record<string, readonly string[]>> = {
  Hans: ['Hani'],
  Hant: ['Hani'],
  Jpan: ['Hani', 'Hira', 'Kana'],
  Kore: ['Hang', 'Hani'],
};

/**
 * False if the question shows that it is in none of these languages: by its letters, or by more words and letters of
 * another language than of these. Keywords, names and code show neither, so they count as known.
 *
 * @param languages tags of BCP 47
 */
export function knowsLanguage(text: string, languages: readonly string[]): boolean {
  const words = text.normalize('NFC').toLowerCase().match(WORD) ?? [];
  return (
    !isForeignScript(words, languages) &&
    !isForeignLanguage(new Set(words.filter((word) => !SINGLE_LETTER.test(word))), languages)
  );
}

function isForeignScript(words: readonly string[], languages: readonly string[]): boolean {
  const known = knownLetters(languages);
  const unspaced = (word: string) => word.match(UNSPACED)?.length ?? 0;
  const sizeOf = (word: string) => Math.max(1, unspaced(word));
  // A single letter of another script is a symbol in this text.
  const isForeign = (word: string) => (word.length > 1 || unspaced(word) > 0) && !known.test(word);
  const total = words.reduce((sum, word) => sum + sizeOf(word), 0);
  const foreign = words.filter(isForeign).reduce((sum, word) => sum + sizeOf(word), 0);
  return foreign > 0 && foreign >= FOREIGN_SCRIPT_SHARE * total;
}

function knownLetters(languages: readonly string[]): RegExp {
  const scripts = ['Zyyy', 'Zinh', ...languages.flatMap((tag) => scriptsOf(tag))];
  const classes = scripts.map((script) => `\\p{Script=${script}}`).filter(isSupported);
  return new RegExp(`^[\\p{M}${classes.join('')}]+$`, 'u');
}

function scriptsOf(tag: string): readonly string[] {
  const script = new Intl.Locale(tag).maximize().script ?? 'Latn';
  return SEVERAL[script] ?? [script];
}

/** The tag is untrusted, and a script may be newer than this engine's Unicode. */
function isSupported(characterClass: string): boolean {
  try {
    return new RegExp(characterClass, 'u').source !== '';
  } catch {
    return false;
  }
}

function isForeignLanguage(words: ReadonlySet<string>, languages: readonly string[]): boolean {
  const known = new Set(languages.map((tag) => tag.split('-', 1)[0]!.toLowerCase()));
  const counts = [...MARKS].map(([language, marks]) => ({ isKnown: known.has(language), count: countMarks(words, marks) }));
  const most = (isKnown: boolean) => Math.max(0, ...counts.filter((each) => each.isKnown === isKnown).map(({ count }) => count));
  const foreign = most(false);
  return foreign >= MARKS_MIN && foreign > most(true);
}

function countMarks(words: ReadonlySet<string>, { words: frequent, asks, endings, letters }: LanguageMarks): number {
  let count = 0;
  for (const word of words) {
    const ends = () => word.length >= ENDING_WORD_MIN && endings.some((ending) => word.endsWith(ending));
    if (asks.has(word)) count += 2;
    else if (frequent.has(word) || letters?.test(word) === true || ends()) count += 1;
  }
  return count;
}
