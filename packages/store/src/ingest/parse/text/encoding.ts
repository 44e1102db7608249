import chardet from 'chardet';
import iconv from 'iconv-lite';

import { StoreError } from '../../../errors.ts';
import { encodingSampleBytesMax } from '../../../limits.ts';
import { detectCyrillic } from './cyrillic.ts';
import { isEbcdic, readsAsText } from './plausible.ts';

/**
 * Text and its original encoding. The text has \n line breaks and contains no byte order mark, NUL or lone surrogate.
 */
export interface Decoded {
  text: string;
  encoding: string;
}

const BYTE_ORDER_MARKS: readonly [string, readonly number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-32le', [0xff, 0xfe, 0, 0]],
  ['utf-32be', [0, 0, 0xfe, 0xff]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];
/** A file in which more than one byte in this many is NUL is not text. */
const NUL_SHARE = 1_000;
/** Below this confidence (per cent) a guess of chardet is worse than Latin-1. */
const GUESS_CONFIDENCE_MIN = 5;
/** Damaged UTF-8 still counts as UTF-8 if it has at least this many valid multi-byte characters per invalid byte. */
const UTF8_RIGHT_PER_WRONG = 20;

/**
 * Decodes text of unknown encoding. It tries, in this order: byte order mark, valid UTF-8, the declared encoding if the
 * bytes are plausible in it, Cyrillic by letter frequency, chardet's guess, windows-1252. Bytes that do not read as
 * text in the chosen encoding are refused.
 *
 * @param declared the encoding that the document itself names (`<meta charset>`); only a hint
 * @throws StoreError PARSE_UNSUPPORTED when the bytes are not text
 */
export function decodeText(bytes: Uint8Array, declared?: string): Decoded {
  const stated = markedEncoding(bytes) ?? utf16Encoding(bytes);
  const encoding = stated ?? guessEncoding(bytes, declared);
  if (stated === null && encoding !== 'utf-8') refuseImplausible(bytes, encoding);
  return { text: normalise(decodeAs(bytes, encoding)), encoding };
}

/** \r\n and \r become \n; the byte order mark is removed; NUL and lone surrogates become U+FFFD. */
export function normalise(text: string): string {
  return text
    .replace(/^\ufeff/u, '')
    .replace(/\r\n?/gu, '\n')
    .replaceAll('\0', '\ufffd')
    .toWellFormed();
}

function markedEncoding(bytes: Uint8Array): string | null {
  const found = BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  return found?.[0] ?? null;
}

/**
 * UTF-16 without a byte order mark has NULs beside its ASCII bytes, and texts in all scripts contain spaces or line
 * breaks. Other NULs mean that the file is not text.
 */
function utf16Encoding(bytes: Uint8Array): string | null {
  const sample = bytes.subarray(0, encodingSampleBytesMax);
  let nuls = 0;
  for (const byte of sample) if (byte === 0) nuls += 1;
  if (nuls <= sample.length / NUL_SHARE) return null;
  const spacesIn = (encoding: string): number => {
    const text = decodeAs(sample.subarray(0, sample.length & ~1), encoding);
    return readsAsText(text) ? (text.match(/[ \n]/gu)?.length ?? 0) : 0;
  };
  const [little, big] = [spacesIn('utf-16le'), spacesIn('utf-16be')];
  if (little + big > 0) return little > big ? 'utf-16le' : 'utf-16be';
  throw new StoreError('PARSE_UNSUPPORTED', 'The file holds binary data, not text. Give a text export of it.');
}

/** @throws StoreError PARSE_UNSUPPORTED when the bytes are not text in the guessed encoding */
function refuseImplausible(bytes: Uint8Array, encoding: string): void {
  if (isEbcdic(bytes.subarray(0, encodingSampleBytesMax))) {
    throw new StoreError('PARSE_UNSUPPORTED', 'The text is in EBCDIC. Convert it first, as with: iconv -f IBM037 -t UTF-8');
  }
  const first = Math.max(0, bytes.findIndex((byte) => byte > 0x7f || byte === 0x1b) - 1_024);
  if (readsAsText(decodeAs(bytes.subarray(first, first + encodingSampleBytesMax), encoding))) return;
  throw new StoreError(
    'PARSE_UNSUPPORTED',
    `Its encoding is not known: read as ${encoding}, it contains no words. Save it as UTF-8.`,
  );
}

function guessEncoding(bytes: Uint8Array, declared: string | undefined): string {
  const first = bytes.findIndex((byte) => byte > 0x7f || byte === 0x1b);
  if (first < 0) return 'utf-8';
  const hint = knownEncoding(declared);
  // ISO-2022-JP is ASCII with escapes, so it is also valid UTF-8.
  if (hint === 'iso-2022-jp') return hint;
  if (isUtf8(bytes)) return 'utf-8';
  const start = Math.max(0, first - 1_024);
  const sample = bytes.subarray(start, start + encodingSampleBytesMax);
  if (isMostlyUtf8(sample)) return 'utf-8';
  const cyrillic = detectCyrillic(sample);
  if (hint !== null && hint !== 'utf-8' && isPlausible(sample, hint)) {
    const saysLatin = /^(windows-1252|iso-8859-1|latin1|us-ascii|ascii)$/u.test(hint);
    if (!saysLatin || cyrillic === null) return hint;
  }
  if (cyrillic !== null) return cyrillic.encoding;
  for (const match of chardet.analyse(sample)) {
    const name = knownEncoding(match.name);
    if (match.confidence >= GUESS_CONFIDENCE_MIN && name !== null && name !== 'utf-8' && isPlausible(sample, name)) return name;
  }
  return 'windows-1252';
}

function knownEncoding(name: string | undefined): string | null {
  const label = name?.trim().toLowerCase() ?? '';
  if (label === '' || label.length > 40 || /^utf-?(7|16|32)/u.test(label)) return null;
  if (label === 'utf8' || label === 'utf-8') return 'utf-8';
  return iconv.encodingExists(label) || decoderFor(label) !== null ? label : null;
}

function isPlausible(sample: Uint8Array, encoding: string): boolean {
  const text = decodeAs(sample, encoding);
  // The end of the sample may have cut the last character.
  return !/[\ufffd\u0080-\u009f]/u.test(text.slice(0, -2));
}

function decodeAs(bytes: Uint8Array, encoding: string): string {
  if (encoding !== 'utf-8' && iconv.encodingExists(encoding)) return iconv.decode(bytes, encoding);
  return (decoderFor(encoding) ?? new TextDecoder('utf-8')).decode(bytes);
}

function decoderFor(label: string): TextDecoder | null {
  try {
    return new TextDecoder(label);
  } catch {
    return null;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function isMostlyUtf8(sample: Uint8Array): boolean {
  const text = new TextDecoder('utf-8').decode(sample);
  let right = 0;
  let wrong = 0;
  for (const char of text) {
    if (char === '\ufffd') wrong += 1;
    else if (char > '\u007f') right += 1;
  }
  return right >= wrong * UTF8_RIGHT_PER_WRONG;
}
