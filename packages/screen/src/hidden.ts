import { placesOf } from './matches.ts';
import type { Flag } from './types.ts';

/** Tag characters spell words that no font shows. After a black flag they are the flag of a region (UTS #51). */
const TAGS = /(?<!\u{1F3F4}[\u{E0020}-\u{E007E}]{0,6})[\u{E0000}-\u{E007F}]+/gu;
const REGION_FLAG = /\u{1F3F4}[\u{E0061}-\u{E007A}\u{E0030}-\u{E0039}]{3,6}\u{E007F}/gu;

/** Embeddings, overrides and isolates: text that is read in another order than it is stored. */
const BIDI = /[\u202A-\u202E\u2066-\u2069]+/g;

/**
 * Zero-width characters within a word of Latin, Greek or Cyrillic letters, where no script needs them, or several in a
 * row. One between words, in Thai or Khmer, or in an emoji is usual.
 */
const WITHIN_WORD =
  /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])[\u200B-\u200D\u2060-\u2064\uFEFF]+(?=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])/gu;
const IN_A_ROW = /[\u200B-\u200D\u2060-\u2064\uFEFF]{4,}/g;

/** One selector chooses the form of the character before it. A row of them carries data. */
const SELECTORS = /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]{3,}/gu;

/** Any of these characters. Most texts have none. */
const ANY = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]|[\uFE00-\uFE0F]|[\u{E0000}-\u{E01EF}]/u;

/** Characters that hide text from a reader. */
export function findHidden(text: string): Flag[] {
  if (!ANY.test(text)) return [];
  const visible = text.replace(REGION_FLAG, (flag) => ' '.repeat(flag.length));
  return [TAGS, BIDI, WITHIN_WORD, IN_A_ROW, SELECTORS].flatMap((pattern) =>
    placesOf(pattern, visible).map((place) => ({ label: 'hidden-unicode' as const, ...place })),
  );
}

/** The text as a model reads it: without these characters, and with the letters that tags stand for. */
export function revealed(text: string): string {
  if (!ANY.test(text) && !text.includes('\u00AD')) return text;
  return text
    .replace(/[\u{E0020}-\u{E007E}]/gu, (tag) => String.fromCodePoint(tag.codePointAt(0)! - 0xe0000))
    .replace(/[\u{E0000}-\u{E007F}\u200B-\u200D\u2060-\u2064\uFEFF\u00AD\u202A-\u202E\u2066-\u2069]|[\uFE00-\uFE0F]/gu, '');
}
