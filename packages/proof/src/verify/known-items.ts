import { utf8Length, type Answer, type ResultItem, type WholeAnswer } from '@tributary/schemas';
import { fromBase64url, toBase64url } from '../bytes.ts';
import { ProofError, refuseAs } from '../errors.ts';
import { createLru } from '../lru.ts';
import { decodeShown, shownHash } from '../record/shown-bytes.ts';
import { readAnswer } from '../requests.ts';
import type {
  AnswerParts,
  DeliveredRecord,
  KnownItem,
  ReadItem,
  VerifiedQuery,
  VerifiedReceipt,
  VerifiedSnapshot,
  VerifierCaches,
} from './types.ts';

/** Approximate memory of an entry beside its bytes and vectors. */
const ENTRY_BYTES = 3_000;
/** The text of a record is there as bytes and in strings. */
const TEXT_COPIES = 2;

/** Approximate memory of an item, in bytes. */
export function itemWeight({ bytes, vector, text }: KnownItem): number {
  return ENTRY_BYTES + TEXT_COPIES * bytes.length + vector.byteLength + 100 * (text?.counts.size ?? 0);
}

/** An answer with its records, and for each result what its record's bytes are. */
export interface ReadRecords {
  readonly answer: WholeAnswer;
  readonly items: readonly ReadItem[];
}

/**
 * Reads the exact text of an answer, and the bytes of the records that it names. A record is known by its name when its
 * bytes were verified before: the name is their hash. Known bytes are not read again, and what follows from them alone
 * (commitments, place in the write) has the outcome that was seen. All else is checked for every answer: order, filter,
 * scores, place in the snapshot, charge, receipt, writers, trust.
 *
 * @param manifest its hash, hex
 * @throws ProofError RESPONSE_SHAPE, RECORD_HASH
 */
export function readRecords(
  { response, records }: Pick<AnswerParts, 'response' | 'records'>,
  manifest: string,
  { items: known, places }: Pick<VerifierCaches, 'items' | 'places'>,
): ReadRecords {
  const answer = readAnswer(response);
  if (records.length !== answer.results.length)
    throw new ProofError('RECORD_HASH', `${records.length} records for ${answer.results.length} results`);
  const items = answer.results.map(({ record: name, slot }, at) => {
    const place = places.get(placeKey(manifest, slot));
    const path = place?.record === name ? place.path : pathBytes(records[at]!.path);
    return { ...readItem(name, records[at]!.shown, known.get(name) ?? null), path, placed: place?.record === name };
  });
  return { answer: joined(answer, items), items };
}

/**
 * Hashes of the writes that the records of an answer name, each once, in the order of first use.
 *
 * @throws ProofError RESPONSE_SHAPE, RECORD_HASH
 */
export function namedWrites(parts: AnswerParts, caches: VerifierCaches): string[] {
  const { items } = readRecords(parts, parts.receipt.manifestHash, caches);
  return [...new Set(items.map(({ record }) => record.write))];
}

/**
 * An answer with its records, without any check but that the records are those that it names.
 *
 * @throws ProofError RESPONSE_SHAPE, RECORD_HASH
 */
export function readWholeAnswer(parts: Pick<AnswerParts, 'response' | 'records'>): WholeAnswer {
  return readRecords(parts, '', { items: createLru(0), places: createLru(0) }).answer;
}

const placeKey = (manifest: string, slot: number): string => `${manifest} ${slot}`;

function readItem(
  name: string,
  shown: DeliveredRecord['shown'],
  known: KnownItem | null,
): Pick<ReadItem, 'known' | 'bytes' | 'record' | 'decoded'> {
  if (known !== null) return { known, bytes: known.bytes, record: known.record, decoded: null };
  const bytes = typeof shown === 'string' ? fromBase64url(shown) : shown;
  if (shownHash(bytes) !== name) throw new ProofError('RECORD_HASH', `a record delivered is not the one named ${name}`);
  const decoded = refuseAs('RESPONSE_SHAPE', () => decodeShown(bytes));
  return { known, bytes, record: decoded.record, decoded };
}

const HASH_BYTES = 32;

function pathBytes(path: DeliveredRecord['path']): Uint8Array {
  if (path instanceof Uint8Array) return path;
  const bytes = new Uint8Array(path.length * HASH_BYTES);
  path.forEach((hash, at) => bytes.set(fromBase64url(hash), at * HASH_BYTES));
  return bytes;
}

/** The hashes of a path. @throws ProofError RESPONSE_SHAPE */
export function hashesOf(path: Uint8Array): Uint8Array[] {
  if (path.length % HASH_BYTES !== 0) throw new ProofError('RESPONSE_SHAPE', 'a path has whole hashes');
  return Array.from({ length: path.length / HASH_BYTES }, (_, at) => path.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}

function joined(answer: Answer, items: readonly ReadItem[]): WholeAnswer {
  const results = answer.results.map((result, at): ResultItem => {
    const { record, path } = items[at]!;
    return {
      ...result,
      get commitments() {
        return record.commitments;
      },
      shown: record.shown,
      get path() {
        return hashesOf(path).map(toBase64url);
      },
      write: record.write,
      writeIndex: record.writeIndex,
      get writePath() {
        return record.writePath;
      },
    };
  });
  return { ...answer, results };
}

/** Remembers the records of an answer that passed all checks. */
export function rememberItems(
  { answer, items }: VerifiedReceipt,
  { hash, manifest: { model } }: VerifiedSnapshot,
  { resultVectors, resultSparse, resultTexts }: VerifiedQuery,
  caches: Pick<VerifierCaches, 'items' | 'places'>,
): void {
  answer.results.forEach(({ record: name, slot, shown }, at) => {
    const text = resultTexts?.[at] ?? null;
    const { known, placed, bytes, record, path } = items[at]!;
    if (!placed) caches.places.set(placeKey(hash, slot), { record: name, path });
    if (known !== null && known.model === model && (known.text !== null || text === null)) return;
    caches.items.set(name, {
      bytes,
      record,
      model,
      vector: resultVectors[at]!,
      sparse: resultSparse[at]!,
      textBytes: known?.textBytes ?? utf8Length(shown.text.value),
      text: text ?? known?.text ?? null,
    });
  });
}
