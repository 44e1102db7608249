import type { AnswerItem } from '../found.ts';
import type { AnswerOutcome } from '../types.ts';

/**
 * An answer as it crosses the thread boundary: few objects, because each costs as much as a thousand bytes, and one
 * memory that is moved and not copied.
 */
export interface SentAnswer extends Omit<AnswerOutcome, 'body' | 'records' | 'items'> {
  /** The text, then the bytes of each record and its path. */
  whole: ArrayBuffer;
  /** Lengths of the text, and of each record and its path. */
  lengths: Uint32Array;
  /** Names and places of the records, 64 digits each, in turn. */
  names: string;
  /** {@link FIELDS} numbers for each item: slot, version, score, relevance, dense, bm25, sparse. */
  numbers: Float64Array;
}

const FIELDS = 7;
const NAME_DIGITS = 64;
// Scores are finite, so that these two are free.
const NULL = Number.NaN;
const ABSENT = Number.POSITIVE_INFINITY;

/** The worker's end. The bytes of an answer lie in one memory, in order (`encodeAnswer`). */
export function toSentAnswer({ body, records, items, ...rest }: AnswerOutcome): SentAnswer {
  const numbers = new Float64Array(items.length * FIELDS);
  items.forEach(({ slot, version, score, relevance, dense, bm25, sparse }, at) =>
    numbers.set([slot, version, score, relevance, dense ?? NULL, bm25 ?? NULL, sparse ?? ABSENT], at * FIELDS),
  );
  return {
    ...rest,
    whole: body.buffer as ArrayBuffer,
    lengths: Uint32Array.from([body.length, ...records.flatMap(({ shown, path }) => [shown.length, path.length])]),
    names: records.map(({ name, place }) => name + place).join(''),
    numbers,
  };
}

/** The other end. */
export function fromSentAnswer({ whole, lengths, names, numbers, ...rest }: SentAnswer): AnswerOutcome {
  let at = 0;
  const next = (index: number): Uint8Array => {
    at += lengths[index]!;
    return new Uint8Array(whole, at - lengths[index]!, lengths[index]!);
  };
  const body = next(0);
  const items: AnswerItem[] = [];
  const records: AnswerOutcome['records'] = [];
  for (let row = 0; row < numbers.length / FIELDS; row += 1) {
    const [slot, version, score, relevance, dense, bm25, sparse] = numbers.subarray(row * FIELDS) as unknown as Seven;
    const parts = { dense: orNull(dense), bm25: orNull(bm25), ...(sparse === ABSENT ? {} : { sparse }) };
    items.push({ slot, version, score, ...parts, relevance });
    const name = 2 * row * NAME_DIGITS;
    records.push({
      name: names.slice(name, name + NAME_DIGITS),
      place: names.slice(name + NAME_DIGITS, name + 2 * NAME_DIGITS),
      shown: next(1 + 2 * row),
      path: next(2 + 2 * row),
    });
  }
  return { body, records, items, ...rest };
}

type Seven = [number, number, number, number, number, number, number];

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
