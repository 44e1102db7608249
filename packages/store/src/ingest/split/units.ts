import { recordTextBytesMax } from '@tributary/schemas';

import type { Block } from '../types.ts';

/** Text that is not cut: a sentence, a list item, a line of code, a row of a table, or a piece of an oversize one. */
export interface Unit {
  start: number;
  end: number;
  tokens: number;
  page: number | null;
}

export interface Measure {
  /** Tokens of a text alone, without those that the model adds to every text. */
  tokensOf(text: string): number;
  /** Most tokens of a unit. */
  unitTokensMax: number;
}

/** No common vocabulary has longer tokens on average. Longer units are cut before they are counted. */
const UNITS_PER_TOKEN_MAX = 32;
const UNITS_PER_TOKEN_GUESS = 4;
/** A UTF-16 code unit takes at most three bytes in UTF-8. */
const UNIT_LENGTH_MAX = Math.floor(recordTextBytesMax / 3);
const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' });
const LIST_ITEM = /^[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]/u;

/** The units of a block, in order. Together they contain all its characters that are not white space. */
export function unitsOf(text: string, block: Block, measure: Measure): Unit[] {
  const units: Unit[] = [];
  for (const [start, end] of piecesOf(text, block)) {
    const longest = Math.min(measure.unitTokensMax * UNITS_PER_TOKEN_MAX, UNIT_LENGTH_MAX);
    const tokens = end - start <= longest ? measure.tokensOf(text.slice(start, end)) : Number.POSITIVE_INFINITY;
    const page = block.page ?? null;
    if (tokens <= measure.unitTokensMax) units.push({ start, end, tokens, page });
    else for (const piece of cutOversize(text, start, end, measure)) units.push({ ...piece, page });
  }
  return units;
}

function piecesOf(text: string, block: Block): Iterable<[number, number]> {
  if (block.kind === 'heading') return trimmed(text, [[block.start, block.end]]);
  if (block.kind === 'code' || block.kind === 'table') return trimmed(text, lineRanges(text, block.start, block.end));
  if (block.kind === 'list') return sentences(text, itemRanges(text, block.start, block.end));
  return sentences(text, [[block.start, block.end]]);
}

function* lineRanges(text: string, start: number, end: number): Generator<[number, number]> {
  for (let at = start; at < end;) {
    const next = text.indexOf('\n', at);
    const lineEnd = next < 0 || next >= end ? end : next + 1;
    yield [at, lineEnd];
    at = lineEnd;
  }
}

function* itemRanges(text: string, start: number, end: number): Generator<[number, number]> {
  let from = start;
  for (const [at, lineEnd] of lineRanges(text, start, end)) {
    if (at > from && LIST_ITEM.test(text.slice(at, Math.min(lineEnd, at + 256)))) {
      yield [from, at];
      from = at;
    }
  }
  if (from < end) yield [from, end];
}

/**
 * Sentences by the rules of Unicode (UAX 29). A line break inside a paragraph does not end a sentence, so it is
 * replaced by a space.
 */
function* sentences(text: string, ranges: Iterable<[number, number]>): Generator<[number, number]> {
  for (const [start, end] of ranges) {
    const prose = text.slice(start, end).replace(/[\n\r\u0085\u2028\u2029]/gu, ' ');
    for (const { index, segment } of SENTENCES.segment(prose)) {
      yield* trimmed(text, [[start + index, start + index + segment.length]]);
    }
  }
}

function* trimmed(text: string, ranges: Iterable<[number, number]>): Generator<[number, number]> {
  for (const [from, to] of ranges) {
    const slice = text.slice(from, to);
    const start = from + slice.length - slice.trimStart().length;
    const end = from + slice.trimEnd().length;
    if (start < end) yield [start, end];
  }
}

/**
 * Cuts at white space, and inside a word only when the word alone is too long. Each character is counted a few times at
 * most.
 */
function* cutOversize(text: string, from: number, to: number, measure: Measure): Generator<Omit<Unit, 'page'>> {
  let perToken = UNITS_PER_TOKEN_GUESS;
  // Each piece begins at a character that is not white space.
  for (let at = skipSpace(text, from, to); at < to;) {
    const guess = Math.max(1, Math.min(Math.floor(measure.unitTokensMax * perToken), UNIT_LENGTH_MAX));
    let end = cutPlace(text, at, Math.min(at + guess, to), to);
    let tokens = measure.tokensOf(text.slice(at, end));
    while (tokens > measure.unitTokensMax) {
      const shorter = at + Math.max(1, Math.floor((end - at) * Math.min(0.9, measure.unitTokensMax / tokens)));
      const next = cutPlace(text, at, shorter, to);
      if (next >= end) break;
      end = next;
      tokens = measure.tokensOf(text.slice(at, end));
    }
    for (const [start, stop] of trimmed(text, [[at, end]])) yield { start, end: stop, tokens };
    perToken = Math.min(UNITS_PER_TOKEN_MAX, Math.max(1, (end - at) / Math.max(1, tokens)));
    at = skipSpace(text, end, to);
  }
}

function skipSpace(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && /\s/u.test(text.charAt(at))) at += 1;
  return at;
}

/** The last place at or before `wanted` where the text may be cut: after white space, otherwise between characters. */
function cutPlace(text: string, start: number, wanted: number, end: number): number {
  if (wanted >= end) return end;
  for (let at = wanted; at > start; at -= 1) {
    if (/\s/u.test(text.charAt(at - 1))) return at;
  }
  return characterEdge(text, start, wanted, end);
}

/**
 * Moves a cut out of a surrogate pair, or out of a letter with its marks. Moves forward when there is no room before
 * it.
 */
function characterEdge(text: string, start: number, wanted: number, end: number): number {
  const isInside = (at: number): boolean => isLowSurrogate(text, at) || /^(?:\p{M}|\u200d)/u.test(text.slice(at, at + 2));
  for (let at = wanted; at > start && at > wanted - 32; at -= 1) {
    if (!isInside(at)) return at;
  }
  const at = Math.max(wanted, start + 1);
  return Math.min(isLowSurrogate(text, at) ? at + 1 : at, end);
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
