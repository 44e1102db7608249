import {
  answer as answerShape,
  answerBytesMax,
  measuredResults,
  parseOrdered,
  resultItem,
  utf8Length,
  type Answer,
  type ResultItem,
} from '@tributary/schemas';
import { holdsAt } from '#crypto';
import { fromUtf8, utf8 } from '../bytes.ts';
import { readAnswer } from '../requests.ts';
import { cutAnswer, type AnswerCuts } from './cut-answer.ts';
import { deepFreeze } from './deep-freeze.ts';
import type { KnownItem, ProvenRecord, VerifiedQuery, VerifiedReceipt, VerifiedSnapshot, VerifierCaches } from './types.ts';

/** Approximate memory of an entry beside its bytes and vectors. */
const ENTRY_BYTES = 2_000;
/** The text of a record is there as bytes and in strings. */
const TEXT_COPIES = 2;

/** Approximate memory of an item, in bytes. */
export function itemWeight({ bytes, vector, text }: KnownItem): number {
  return ENTRY_BYTES + TEXT_COPIES * bytes.length + vector.byteLength + 100 * (text?.counts.size ?? 0);
}

/** An answer, and for each result what is known of it; null for one that was not verified before. */
export interface ReadAnswer {
  readonly answer: Answer;
  readonly known: readonly (KnownItem | null)[];
}

/**
 * Reads the exact text of an answer, as `readAnswer` does. A result is known when it was verified before in this very
 * snapshot and slot, and the bytes about its record equal those that were verified. Such bytes are not read again, and
 * manifest, slot and bytes determine the outcome of the inclusion checks and of the commitments, so those need no
 * second run. All else is checked for every answer: order, filter, scores, charge, receipt, writers, trust.
 *
 * @param manifest its hash, hex
 * @throws ProofError RESPONSE_SHAPE
 */
export function readKnown(response: string | Uint8Array, manifest: string, { items }: Pick<VerifierCaches, 'items'>): ReadAnswer {
  const read = items.size === 0 ? null : readPieces(typeof response === 'string' ? utf8(response) : response, manifest, items);
  if (read !== null) return read;
  const answer = readAnswer(response);
  return { answer, known: answer.results.map(() => null) };
}

/** Null when nothing is known, or a piece cannot be read. Then the whole is read, and its refusal counts. */
function readPieces(body: Uint8Array, manifest: string, items: VerifierCaches['items']): ReadAnswer | null {
  if (body.length > answerBytesMax) return null;
  const cuts = cutAnswer(body, (slot, at) => {
    const known = items.get(keyOf(manifest, slot));
    return known !== undefined && holdsAt(body, at, known.bytes) ? known : null;
  });
  if (cuts === null || cuts.items.every(({ known }) => known === null)) return null;
  try {
    return joinPieces(body, cuts);
  } catch {
    return null;
  }
}

/**
 * Each piece is read strictly on its own: the frame around the results, the beginnings of known results, other results
 * whole. A JSON text in a place of another is read as it is alone, so the values are those of the whole text.
 */
function joinPieces(body: Uint8Array, { head, items }: AnswerCuts<KnownItem>): ReadAnswer {
  const textOf = ([from, to]: readonly [number, number]): string => fromUtf8(body.subarray(from, to));
  const frame = parseOrdered(answerShape, `${textOf(head)}]}`, 'answer', answerBytesMax);
  const leads = items.flatMap(({ known, cut }) => (known === null ? [] : `${textOf(cut)}}`));
  const measured = parseOrdered(measuredResults, `[${leads.join(',')}]`, 'results', answerBytesMax).values();
  const results = items.map(({ known, cut }): ResultItem =>
    known === null
      ? parseOrdered(resultItem, textOf(cut), 'result', answerBytesMax)
      : { ...measured.next().value!, ...recordOf(known) },
  );
  return { answer: { ...frame, results }, known: items.map(({ known }) => known) };
}

/** Of its own, so that nobody can change it: neither who got the answer that was verified, nor who gets this one. */
function recordOf(known: KnownItem): ProvenRecord {
  known.record ??= deepFreeze(JSON.parse(`{${fromUtf8(known.bytes)}`) as ProvenRecord);
  return known.record;
}

/** Remembers the results of an answer that passed all checks. */
export function rememberItems(
  { answer, known }: VerifiedReceipt,
  { hash }: VerifiedSnapshot,
  { resultVectors, resultSparse, resultTexts }: VerifiedQuery,
  { items }: VerifierCaches,
): void {
  answer.results.forEach((item, at) => {
    const text = resultTexts?.[at] ?? null;
    const before = known[at]!;
    if (before !== null && (before.text !== null || text === null)) return;
    const textBytes = before?.textBytes ?? utf8Length(item.shown.text.value);
    items.set(keyOf(hash, item.slot), {
      bytes: before?.bytes ?? recordBytes(item),
      record: before?.record ?? null,
      vector: resultVectors[at]!,
      sparse: resultSparse[at]!,
      textBytes,
      text,
    });
  });
}

const keyOf = (manifest: string, slot: number): string => `${manifest} ${slot}`;

/** The text of what a result says about its record: members in the order of the format, to the end of the result. */
const recordBytes = ({ commitments, shown, path, write, writeIndex, writePath }: ResultItem): Uint8Array =>
  utf8(JSON.stringify({ commitments, shown, path, write, writeIndex, writePath } satisfies ProvenRecord).slice(1));
