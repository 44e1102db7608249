// The bytes of a record as an answer shows it (docs/spec/query.md#records). They have one spelling, and no base64.
import {
  answerBytesMax,
  merklePathHashesMax,
  parseOrdered,
  shownTexts,
  sparseValuesMax,
  type ShownFields,
  type ShownRecord,
  type ShownTexts,
} from '@tributary/schemas';
import { sha256Parts } from '#crypto';
import { concat, fromBase64url, fromHex, toBase64url, toHex, u32, utf8 } from '../bytes.ts';
import { TAG_SHOWN } from '../domains.ts';
import { deepFreeze } from './deep-freeze.ts';
import { FIELD_NAMES, metadataKeys } from './fields.ts';

const HASH_BYTES = 32;
const FLOAT_BYTES = 4;
const PAIR_BYTES = 8;
const COUNT_BYTES = 4;

/** Name of a record in the text of an answer: hash of its bytes, hex. */
export const shownHash = (bytes: Uint8Array): string => toHex(sha256Parts(TAG_SHOWN, bytes));

/** A record as it is written: nothing in it is text that stands for bytes. */
export interface RecordParts {
  readonly texts: ShownTexts;
  /** One for each field, 32 bytes. */
  readonly salts: readonly Uint8Array[];
  readonly commitments: readonly Uint8Array[];
  /** Little-endian float32 values. */
  readonly dense: Uint8Array;
  /** Pairs of index and value; empty without a sparse vector. */
  readonly sparse: Uint8Array;
  readonly write: Uint8Array;
  readonly writeIndex: number;
  readonly writePath: readonly Uint8Array[];
}

/**
 * The bytes of a record.
 *
 * @throws TypeError, RangeError when a part has no bytes in the format
 */
export function encodeShown({ commitments, shown, write, writeIndex, writePath }: ShownRecord): Uint8Array {
  const { id, namespace, text, vector, source, licence, metadata } = shown;
  const fields = [id, namespace, text, vector, source, licence, ...metadataKeys(metadata).map((key) => metadata[key]!)];
  return joinParts({
    texts: {
      id: id.value,
      namespace: namespace.value,
      text: text.value,
      source: source.value,
      licence: licence.value,
      metadata: Object.fromEntries(Object.entries(metadata).map(([key, { value }]) => [key, value])),
    },
    salts: fields.map(({ salt }) => fromBase64url(salt)),
    commitments: commitments.map(fromBase64url),
    dense: fromBase64url(vector.value),
    sparse: fromBase64url(vector.sparse ?? ''),
    write: fromHex(write),
    writeIndex,
    writePath: writePath.map(fromBase64url),
  });
}

/**
 * The bytes of a record from its parts.
 *
 * @throws TypeError, RangeError when a part has no bytes in the format
 */
export function joinParts({ texts, salts, commitments, dense, sparse, write, writeIndex, writePath }: RecordParts): Uint8Array {
  const json = utf8(JSON.stringify(texts));
  if (commitments.length !== salts.length) throw new RangeError('a record has one commitment for each field');
  if (writePath.length > merklePathHashesMax) throw new RangeError('a path is too long');
  for (const { length } of [...salts, ...commitments, write, ...writePath])
    if (length !== HASH_BYTES) throw new TypeError(`a salt or hash has 32 bytes, not ${length}`);
  return concat(
    u32(json.length),
    json,
    ...salts,
    ...commitments,
    u32(whole(dense.length / FLOAT_BYTES)),
    dense,
    u32(whole(sparse.length / PAIR_BYTES)),
    sparse,
    write,
    u32(writeIndex),
    Uint8Array.of(writePath.length),
    ...writePath,
  );
}

function whole(count: number): number {
  if (!Number.isInteger(count)) throw new TypeError('a vector has whole components');
  return count;
}

/** Where the parts of a record are in its bytes. */
interface Places {
  readonly bytes: Uint8Array;
  readonly texts: ShownTexts;
  readonly fields: number;
  readonly salts: number;
  readonly commitments: number;
  readonly dense: number;
  readonly dimension: number;
  readonly sparse: number;
  readonly pairs: number;
  readonly write: number;
  readonly writeIndex: number;
  readonly path: number;
  readonly pathHashes: number;
}

/** A record that was read from its bytes. All of it are views; `sparse` is not checked. */
export interface DecodedRecord extends Pick<RecordParts, 'salts' | 'commitments' | 'dense' | 'sparse' | 'writePath'> {
  /** What an answer says about it. Salts, hashes and vectors become text when they are looked at. */
  readonly record: ShownRecord;
}

/**
 * Reads the bytes of a record, which nobody may change afterwards.
 *
 * @throws TypeError, RangeError, TributaryError when they are not a record in its only spelling
 */
export function decodeShown(bytes: Uint8Array): DecodedRecord {
  const at = findPlaces(bytes);
  const list = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => bytes.subarray(from + index * HASH_BYTES, from + (index + 1) * HASH_BYTES));
  return {
    record: recordAt(at),
    salts: list(at.salts, at.fields),
    commitments: list(at.commitments, at.fields),
    dense: bytes.subarray(at.dense, at.dense + at.dimension * FLOAT_BYTES),
    sparse: bytes.subarray(at.sparse, at.sparse + at.pairs * PAIR_BYTES),
    writePath: list(at.path, at.pathHashes),
  };
}

function findPlaces(bytes: Uint8Array): Places {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const skip = (length: number): number => {
    const from = at;
    at += length;
    if (at > bytes.length) throw new RangeError('the bytes of a record end too early');
    return from;
  };
  const count = (most: number): number => {
    const value = view.getUint32(skip(COUNT_BYTES));
    if (value > most) throw new RangeError(`a part of a record is longer than ${most}`);
    return value;
  };
  const length = count(answerBytesMax);
  const json = skip(length);
  const texts = parseOrdered(shownTexts, bytes.subarray(json, json + length), 'record', answerBytesMax);
  const fields = FIELD_NAMES.length + Object.keys(texts.metadata).length;
  const salts = skip(fields * HASH_BYTES);
  const commitments = skip(fields * HASH_BYTES);
  const dimension = count(answerBytesMax);
  const dense = skip(dimension * FLOAT_BYTES);
  const pairs = count(sparseValuesMax);
  const sparse = skip(pairs * PAIR_BYTES);
  const write = skip(HASH_BYTES);
  const writeIndex = count(0xffff_ffff);
  const pathHashes = bytes[skip(1)]!;
  const path = skip(pathHashes * HASH_BYTES);
  if (at !== bytes.length) throw new RangeError('something follows the bytes of a record');
  if (pathHashes > merklePathHashesMax) throw new RangeError('a path is too long');
  if (dimension === 0 && pairs === 0) throw new RangeError('a record shows a vector');
  return {
    bytes,
    texts,
    fields,
    salts,
    commitments,
    dense,
    dimension,
    sparse,
    pairs,
    write,
    writeIndex,
    path,
    pathHashes,
  };
}

/** Frozen, because verifiers remember it. */
function recordAt(at: Places): ShownRecord {
  const { bytes } = at;
  const hashes = (from: number, count: number): string[] =>
    Object.freeze(Array.from({ length: count }, (_, index) => textAt(at, from + index * HASH_BYTES))) as string[];
  return Object.freeze({
    get commitments() {
      return hashes(at.commitments, at.fields);
    },
    shown: shownAt(at),
    write: toHex(bytes.subarray(at.write, at.write + HASH_BYTES)),
    writeIndex: at.writeIndex,
    get writePath() {
      return hashes(at.path, at.pathHashes);
    },
  });
}

const textAt = ({ bytes }: Places, from: number, length = HASH_BYTES): string => toBase64url(bytes.subarray(from, from + length));

function shownAt(at: Places): ShownFields {
  const { id, namespace, text, source, licence, metadata } = deepFreeze(at.texts);
  const field = <T>(position: number, value: T) =>
    Object.freeze({
      get salt() {
        return textAt(at, at.salts + position * HASH_BYTES);
      },
      value,
    });
  const positions = new Map(metadataKeys(metadata).map((key, index) => [key, FIELD_NAMES.length + index]));
  return Object.freeze({
    id: field(0, id),
    namespace: field(1, namespace),
    text: field(2, text),
    vector: vectorAt(at),
    source: field(4, source),
    licence: field(5, licence),
    metadata: Object.freeze(
      Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, field(positions.get(key)!, value)])),
    ),
  });
}

function vectorAt(at: Places): ShownFields['vector'] {
  const vector = {
    get salt() {
      return textAt(at, at.salts + 3 * HASH_BYTES);
    },
    get value() {
      return textAt(at, at.dense, at.dimension * FLOAT_BYTES);
    },
  };
  if (at.pairs > 0) {
    const get = () => textAt(at, at.sparse, at.pairs * PAIR_BYTES);
    Object.defineProperty(vector, 'sparse', { enumerable: true, get });
  }
  return Object.freeze(vector);
}
