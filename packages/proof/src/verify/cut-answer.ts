// Finds the pieces of an answer's text without reading it. What is cut wrongly is refused when the pieces are read.
import { resultsMax } from '@tributary/schemas';
import { utf8 } from '../bytes.ts';

/** From the first byte to before the last. */
type Range = readonly [from: number, to: number];

/** Pieces of an answer with at least one result. */
export interface AnswerCuts<Known> {
  /** To the bracket that opens the results. */
  readonly head: Range;
  /** For each result the whole of it, or of a known one what precedes its record. */
  readonly items: readonly { readonly known: Known | null; readonly cut: Range }[];
}

const RESULTS = utf8('"results":[');
const SLOT = utf8('{"slot":');
const RECORD = utf8(',"commitments":');
const NEXT = utf8('},{"slot":');
const END = utf8(']}');
const COMMA = 0x2c;
/** The measured part of a result has at most six numbers. */
const leadBytesMax = 512;
/** Digits of 2^53 - 1. */
const slotDigitsMax = 16;

/**
 * Where an answer's text is cut.
 *
 * @param knownAt the known record of a slot if the text has its very bytes at that place, and the length of these
 * @returns null for a text that is not written like an answer with results
 */
export function cutAnswer<Known extends { readonly bytes: Uint8Array }>(
  body: Uint8Array,
  knownAt: (slot: number, at: number) => Known | null,
): AnswerCuts<Known> | null {
  const opened = find(body, RESULTS, 0, body.length);
  if (opened < 0) return null;
  const head: Range = [0, opened + RESULTS.length];
  const items: { known: Known | null; cut: Range }[] = [];
  for (let at = head[1]; items.length < resultsMax; at += 1) {
    const slot = slotAt(body, at);
    const lead = find(body, RECORD, at, Math.min(at + leadBytesMax, body.length));
    if (slot === null || lead < 0) return null;
    const known = knownAt(slot, lead + 1);
    const end = known === null ? endOfResult(body, lead) : lead + 1 + known.bytes.length;
    items.push({ known, cut: [at, known === null ? end : lead] });
    if (end + END.length === body.length && isAt(body, END, end)) return { head, items };
    if (body[end] !== COMMA) return null;
    at = end;
  }
  return null;
}

/** The number after `{"slot":` if a comma follows it. */
function slotAt(body: Uint8Array, at: number): number | null {
  if (!isAt(body, SLOT, at)) return null;
  let slot = 0;
  for (let digit = 0; digit <= slotDigitsMax; digit += 1) {
    const unit = body[at + SLOT.length + digit]!;
    if (unit === COMMA) return slot;
    if (!(unit >= 0x30 && unit <= 0x39)) return null;
    slot = 10 * slot + unit - 0x30;
  }
  return null;
}

function endOfResult(body: Uint8Array, from: number): number {
  const next = find(body, NEXT, from, body.length);
  return next < 0 ? body.length - END.length : next + 1;
}

function find(body: Uint8Array, part: Uint8Array, from: number, to: number): number {
  for (let at = from; ; at += 1) {
    at = body.indexOf(part[0]!, at);
    if (at < 0 || at + part.length > to) return -1;
    if (isAt(body, part, at)) return at;
  }
}

function isAt(body: Uint8Array, part: Uint8Array, at: number): boolean {
  for (let offset = 0; offset < part.length; offset += 1) if (body[at + offset] !== part[offset]) return false;
  return true;
}
