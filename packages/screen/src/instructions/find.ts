import { revealed } from '../hidden.ts';
import { placesOf } from '../matches.ts';
import type { Flag } from '../types.ts';
import { CHINESE } from './chinese.ts';
import { ENGLISH } from './english.ts';
import { FRENCH } from './french.ts';
import { GERMAN } from './german.ts';
import { RUSSIAN } from './russian.ts';
import { SPANISH } from './spanish.ts';

/** Rules of each language, in lower case, for texts in its script. */
const LANGUAGES: readonly { script: RegExp; rules: readonly RegExp[] }[] = [
  { script: /[a-z]/, rules: [...ENGLISH, ...GERMAN, ...FRENCH, ...SPANISH] },
  { script: /[\u0400-\u04FF]/, rules: RUSSIAN },
  { script: /[\u4E00-\u9FFF]/, rules: CHINESE },
];

/** Sentences that give orders to a model, in six languages. */
export function findInstructions(text: string): Flag[] {
  const plain = revealed(text).normalize('NFKC').toLowerCase();
  // Where characters are hidden or have other forms, the places of both texts differ.
  const whole = plain === text.toLowerCase() && plain.length === text.length;
  return LANGUAGES.flatMap(({ script, rules }) => (script.test(plain) ? rules : [])).flatMap((rule) =>
    placesOf(rule, plain).map((place) => ({
      label: 'instruction' as const,
      ...(whole ? place : { start: 0, end: text.length }),
    })),
  );
}
