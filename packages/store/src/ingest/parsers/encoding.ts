import chardet from 'chardet';
import iconv from 'iconv-lite';

import { StoreError } from '../../errors.ts';
import { encodingSampleBytesMax } from '../limits.ts';
import { detectCyrillic } from './cyrillic.ts';

/** Text and the encoding it was read in. The text has \n newlines, no byte order mark, no NUL and no lone surrogate. */
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
/** A file with more NUL bytes than one in this many is not text. */
const NUL_SHARE = 1_000;
/** A guess of chardet below this confidence (per cent) is worse than Latin-1. */
const GUESS_CONFIDENCE_MIN = 5;
/** Damaged UTF-8 stays UTF-8 while it has this many right multi-byte characters for each wrong byte. */
const UTF8_RIGHT_PER_WRONG = 20;

/**
 * Decodes text of unknown encoding: byte order mark, UTF-8 if it is valid, the declared encoding if the bytes are plausible in it,
 * Cyrillic by letter frequency, chardet's guess, windows-1252.
 *
 * @param declared the name a document gives itself (`<meta charset>`); it is a hint only
 * @throws StoreError PARSE_UNSUPPORTED when the bytes are not text
 */
export function decodeText(bytes: Uint8Array, declared?: string): Decoded {
  const encoding = markedEncoding(bytes) ?? utf16Encoding(bytes) ?? guessEncoding(bytes, declared);
  return { text: normalise(decodeAs(bytes, encoding)), encoding };
}

/** \r\n and \r become \n, the byte order mark goes, NUL and lone surrogates become U+FFFD. */
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

/** UTF-16 without a mark shows as NUL in every other byte of its ASCII; other NULs mean that it is no text. */
function utf16Encoding(bytes: Uint8Array): string | null {
  const sample = bytes.subarray(0, encodingSampleBytesMax);
  const nuls = [0, 0];
  for (let index = 0; index < sample.length; index += 1) {
    if (sample[index] === 0) nuls[index % 2] = (nuls[index % 2] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = nuls;
  if (even + odd <= sample.length / NUL_SHARE) return null;
  if (odd > sample.length / 8 && even * 20 < odd) return 'utf-16le';
  if (even > sample.length / 8 && odd * 20 < even) return 'utf-16be';
  throw new StoreError('PARSE_UNSUPPORTED', 'The file holds binary data, not text. Give a text export of it.');
}

function guessEncoding(bytes: Uint8Array, declared: string | undefined): string {
  const first = bytes.findIndex((byte) => byte > 0x7f || byte === 0x1b);
  if (first < 0) return 'utf-8';
  const hint = knownEncoding(declared);
  // ISO-2022-JP is ASCII with escapes, so it also passes as UTF-8.
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
  // The last character may have been cut by the end of the sample.
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
