/**
 * Characters that do not occur in text: controls (except terminal colours), unassigned and private characters, lone
 * surrogates, undecodable bytes.
 */
const FOREIGN = /(?!\s|.\[)[\p{Cc}\p{Cn}\p{Co}\p{Cs}\ufffd]/gu;
/** Signs that stand between words or numbers, not in place of letters. */
const SIGN = /[\p{S}\u00a1-\u00bf]/gu;
const WORD = /[\p{L}\p{M}\p{N}]/gu;
/** A text may have at most one foreign character in this many, such as a stray form feed or a damaged byte. */
const FOREIGN_SHARE = 100;
/** Texts are mostly letters and digits; a wrong decoding scatters signs among them. */
const WORD_SHARE_MIN = 0.45;
const SIGN_SHARE_MAX = 0.3;
/** A shorter text is too short to judge. */
const JUDGED_CHARACTERS_MIN = 16;

/** False when the text was decoded with a wrong encoding, or is not text at all. */
export function readsAsText(text: string): boolean {
  const foreign = count(text, FOREIGN);
  if (foreign * FOREIGN_SHARE > Math.max(text.length, FOREIGN_SHARE)) return false;
  const shown = text.replace(/\s+/gu, '');
  if (shown.length < JUDGED_CHARACTERS_MIN) return true;
  // Tables and ASCII art are text, so only non-ASCII characters are judged.
  const beyond = shown.replace(/\p{ASCII}+/gu, '');
  if (beyond.length * 4 < shown.length) return true;
  return count(shown, WORD) >= shown.length * WORD_SHARE_MIN && count(beyond, SIGN) <= shown.length * SIGN_SHARE_MAX;
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Bytes of letters and digits in all EBCDIC code pages. */
const EBCDIC_WORD = [
  [0x81, 0x89],
  [0x91, 0x99],
  [0xa2, 0xa9],
  [0xc1, 0xc9],
  [0xd1, 0xd9],
  [0xe2, 0xe9],
  [0xf0, 0xf9],
] as const;
const ASCII_SPACE = 0x20;
const EBCDIC_SPACE = 0x40;

/** EBCDIC, the encoding of mainframes, has its space where ASCII has @, and its letters where ASCII has none. */
export function isEbcdic(sample: Uint8Array): boolean {
  let [spaces, asciiSpaces, words] = [0, 0, 0];
  for (const byte of sample) {
    if (byte === EBCDIC_SPACE) spaces += 1;
    if (byte === ASCII_SPACE) asciiSpaces += 1;
    if (EBCDIC_WORD.some(([first, last]) => byte >= first && byte <= last)) words += 1;
  }
  return spaces > sample.length / 25 && asciiSpaces * 20 < spaces && words > sample.length / 2;
}
