// Porter's algorithm step by step as in his own program of 2000 (tartarus.org/martin/PorterStemmer), written for
// clarity. Tests compare the package that the code uses with it. It departs from the paper of 1980 in three places,
// marked below. Like that package, it departs from the program in one: a final `yy` is not a double consonant.

const isVowel = (word: string, at: number): boolean =>
  'aeiou'.includes(word[at]!) || (word[at] === 'y' && at > 0 && !isVowel(word, at - 1));
/** Number of times that consonants follow vowels. */
const measure = (stem: string): number =>
  [...stem].filter((_, at) => at > 0 && !isVowel(stem, at) && isVowel(stem, at - 1)).length;
const hasVowel = (stem: string): boolean => [...stem].some((_, at) => isVowel(stem, at));
const endsDouble = (word: string): boolean => /([^aeiouy])\1$/.test(word);
function endsShort(word: string): boolean {
  const last = word.length - 1;
  if (last < 2 || isVowel(word, last) || !isVowel(word, last - 1) || isVowel(word, last - 2)) return false;
  return !'wxy'.includes(word[last]!);
}

/** Departures: `bli` for `abli`, and `logi`. */
const STEP2 =
  'ational:ate tional:tion enci:ence anci:ance izer:ize bli:ble alli:al entli:ent eli:e ousli:ous ization:ize ation:ate ator:ate alism:al iveness:ive fulness:ful ousness:ous aliti:al iviti:ive biliti:ble logi:log';
const STEP3 = 'icate:ic ative: alize:al iciti:ic ical:ic ful: ness:';
const STEP4 = 'al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize';

/** The first suffix in the list that the word ends with decides. It is replaced when enough of the word is left. */
function replace(word: string, rules: readonly (readonly [string, string])[], least: number): string {
  for (const [suffix, by] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, -suffix.length);
    if (suffix === 'ion' && !/[st]$/.test(stem)) continue;
    return measure(stem) > least ? stem + by : word;
  }
  return word;
}
const rulesOf = (text: string) =>
  text
    .split(' ')
    .map((rule) => rule.split(':'))
    .map(([suffix = '', by = '']) => [suffix, by] as const)
    .toSorted(([a], [b]) => b.length - a.length);

export function porter(input: string): string {
  // Departure: words of one or two letters stay.
  if (input.length <= 2) return input;
  let word = plural(input);
  word = past(word);
  if (word.endsWith('y') && hasVowel(word.slice(0, -1))) word = `${word.slice(0, -1)}i`;
  word = replace(word, rulesOf(STEP2), 0);
  word = replace(word, rulesOf(STEP3), 0);
  word = replace(word, rulesOf(STEP4), 1);
  return ending(word);
}

function plural(word: string): string {
  if (word.endsWith('sses') || word.endsWith('ies')) return word.slice(0, -2);
  return /[^s]s$/.test(word) ? word.slice(0, -1) : word;
}

function past(word: string): string {
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const stem = /^(.*)(?:ed|ing)$/.exec(word)?.[1];
  if (stem === undefined || !hasVowel(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (endsDouble(stem)) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

function ending(word: string): string {
  const stem = word.slice(0, -1);
  const long = measure(word) > 1;
  if (word.endsWith('e') && (measure(stem) > 1 || (measure(stem) === 1 && !endsShort(stem)))) word = stem;
  return word.endsWith('ll') && long ? word.slice(0, -1) : word;
}
