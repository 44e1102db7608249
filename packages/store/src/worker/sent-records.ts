import type { FoundItem, FoundOutcome, WrittenRecord } from '../found.ts';
import { sentRecordsBytesMax } from '../limits.ts';

/**
 * Found records as they cross the thread boundary. Copying a record costs more than finding it, so a record is sent
 * once. It gets a place, and later answers name the place.
 */
export interface SentOutcome extends Omit<FoundOutcome, 'items'> {
  /** {@link FIELDS} numbers for each item: place, score, relevance, dense, bm25, sparse. */
  numbers: Float64Array;
  /** Records of places that were empty before. */
  given: [place: number, record: WrittenRecord][];
  /** Places that are empty after this answer. */
  freed: number[];
}

const FIELDS = 6;
/** What a record takes besides its text and vectors, roughly. */
const RECORD_BYTES = 1_024;
// Scores are finite, so that these two are free.
const NULL = Number.NaN;
const ABSENT = Number.POSITIVE_INFINITY;

/** The worker's end. It decides which records the other end keeps. */
export function createSender(bytesMax = sentRecordsBytesMax): (found: FoundOutcome) => SentOutcome {
  // In the order of their last use.
  const places = new Map<WrittenRecord, { place: number; bytes: number }>();
  const empty: number[] = [];
  let bytes = 0;
  const give = (record: WrittenRecord, given: SentOutcome['given']) => {
    const kept = { place: empty.pop() ?? places.size, bytes: bytesOf(record) };
    bytes += kept.bytes;
    given.push([kept.place, record]);
    return kept;
  };
  const free = (): number[] => {
    const freed: number[] = [];
    for (const [record, kept] of places) {
      if (bytes <= bytesMax) break;
      places.delete(record);
      bytes -= kept.bytes;
      freed.push(kept.place);
    }
    empty.push(...freed);
    return freed;
  };
  return ({ items, ...rest }) => {
    const given: SentOutcome['given'] = [];
    const numbers = new Float64Array(items.length * FIELDS);
    items.forEach(({ record, score, relevance, components: { dense, bm25, sparse } }, at) => {
      const kept = places.get(record) ?? give(record, given);
      places.delete(record);
      places.set(record, kept);
      numbers.set([kept.place, score, relevance, dense ?? NULL, bm25 ?? NULL, sparse ?? ABSENT], at * FIELDS);
    });
    return { ...rest, numbers, given, freed: free() };
  };
}

/** The other end. Answers must arrive in the order in which they were sent. */
export function createReceiver(): (sent: SentOutcome) => FoundOutcome {
  const records: (WrittenRecord | undefined)[] = [];
  return ({ numbers, given, freed, ...rest }) => {
    for (const [place, record] of given) records[place] = record;
    const items: FoundItem[] = [];
    for (let at = 0; at < numbers.length; at += FIELDS) {
      const [place, score, relevance, dense, bm25, sparse] = numbers.subarray(at, at + FIELDS) as unknown as Six;
      const components = { dense: orNull(dense), bm25: orNull(bm25), ...(sparse === ABSENT ? {} : { sparse }) };
      items.push({ record: records[place]!, score, relevance, components });
    }
    for (const place of freed) records[place] = undefined;
    return { ...rest, items };
  };
}

type Six = [number, number, number, number, number, number];

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

const bytesOf = ({ text, vector, sparse, metadata }: WrittenRecord): number =>
  RECORD_BYTES +
  2 * text.length +
  vector.byteLength +
  (sparse === null ? 0 : 8 * sparse.indices.length) +
  2 * JSON.stringify(metadata).length;
