import type { RecordFields, ShownFields, SparseVector } from '@tributary/schemas';
import { hmacSha256, sha256Parts } from '#crypto';
import { concat, u16, utf8 } from '../bytes.ts';
import { TAG_FIELD, TAG_RECORD, TAG_SALT } from '../domains.ts';
import { sparseFromBase64url } from './sparse-bytes.ts';
import type { DecodedRecord } from './shown-bytes.ts';
import {
  FIELD_NAMES,
  jsonValueBytes,
  metadataFieldName,
  metadataKeys,
  shownVectorBytes,
  sourceValueBytes,
  vectorValueBytes,
} from './fields.ts';

/** The part of a record that is covered by its commitment. */
export type CommittedRecord = Omit<RecordFields, 'vector' | 'sell'> & { readonly vector: Float32Array };

/** A record's fields, position by position. */
export interface RecordCommitments {
  readonly names: string[];
  readonly salts: Uint8Array[];
  readonly commitments: Uint8Array[];
  /** Raw, 32 bytes. */
  readonly recordCommitment: Uint8Array;
}

interface NameBytes {
  /** `tag ‖ name`, from which the field's salt is derived. */
  readonly derivation: Uint8Array;
  /** `u16 length ‖ name`, as in the commitment. */
  readonly prefix: Uint8Array;
}

function encodeName(name: string): NameBytes {
  const bytes = utf8(name);
  return { derivation: concat(TAG_SALT, bytes), prefix: concat(u16(bytes.length), bytes) };
}
// Encoding short strings is a fifth of the cost of a commitment; these names are in every record.
const fixedNames = new Map<string, NameBytes>(FIELD_NAMES.map((name) => [name, encodeName(name)]));

function nameBytes(name: string): NameBytes {
  return fixedNames.get(name) ?? encodeName(name);
}

/**
 * `HMAC-SHA-256(record salt, tag ‖ name)`: opens one field without opening the others.
 *
 * @internal exported for its tests
 */
export function fieldSalt(recordSalt: Uint8Array, name: string): Uint8Array {
  return hmacSha256(recordSalt, nameBytes(name).derivation);
}

/**
 * `H(tag ‖ salt ‖ u16 length ‖ name ‖ value)`.
 *
 * @throws RangeError when the name is longer than 65,535 bytes
 * @internal exported for its tests
 */
export function commitField(salt: Uint8Array, name: string, valueBytes: Uint8Array): Uint8Array {
  if (salt.length !== 32) throw new TypeError(`a field salt has 32 bytes, not ${salt.length}`);
  return sha256Parts(TAG_FIELD, salt, nameBytes(name).prefix, valueBytes);
}

/** `H(tag ‖ u16 count ‖ commitments)`. */
export function recordCommitment(commitments: readonly Uint8Array[]): Uint8Array {
  if (commitments.some(({ length }) => length !== 32)) throw new TypeError('a commitment has 32 bytes');
  return sha256Parts(TAG_RECORD, u16(commitments.length), ...commitments);
}

/**
 * Commits to every field of a record.
 *
 * @param recordSalt 32 random bytes of this revision of the record
 * @param modelDigest digest of the index's model card, hex
 */
export function commitRecord(record: CommittedRecord, recordSalt: Uint8Array, modelDigest: string): RecordCommitments {
  if (recordSalt.length !== 32) throw new TypeError(`a record salt has 32 bytes, not ${recordSalt.length}`);
  const fields = fieldsOf(record, modelDigest);
  const names = fields.map(([name]) => name);
  const salts = names.map((name) => fieldSalt(recordSalt, name));
  const commitments = fields.map(([name, value], at) => commitField(salts[at]!, name, value));
  return { names, salts, commitments, recordCommitment: recordCommitment(commitments) };
}

function fieldsOf(record: CommittedRecord, modelDigest: string): [name: string, value: Uint8Array][] {
  const { metadata } = record;
  return [
    ['id', utf8(record.id)],
    ['namespace', utf8(record.namespace)],
    ['text', utf8(record.text)],
    ['vector', vectorValueBytes(record.vector, record.sparse, modelDigest)],
    ['source', sourceValueBytes(record.source)],
    ['licence', jsonValueBytes(record.licence)],
    ...metadataKeys(metadata).map((key): [string, Uint8Array] => [metadataFieldName(key), jsonValueBytes(metadata[key]!)]),
  ];
}

/** The sparse vector that an answer shows of a record; null when it has none. @throws TypeError when it is malformed */
export const sparseOf = ({ vector: { sparse } }: ShownFields): SparseVector | null =>
  sparse === undefined ? null : sparseFromBase64url(sparse);

/** The parts of a shown record that are bytes: salts by position, dense values, sparse pairs. */
export type ShownBytes = Pick<DecodedRecord, 'salts' | 'dense' | 'sparse'>;

/** Commitments of shown fields, in order of position. The verifier compares them with those of the answer. */
export function commitShown(
  { id, namespace, text, source, licence, metadata }: ShownFields,
  { salts, dense, sparse }: ShownBytes,
  modelDigest: string,
): { name: string; commitment: Uint8Array }[] {
  const values: [name: string, value: Uint8Array][] = [
    ['id', utf8(id.value)],
    ['namespace', utf8(namespace.value)],
    ['text', utf8(text.value)],
    ['vector', shownVectorBytes(dense, sparse, modelDigest)],
    ['source', sourceValueBytes(source.value)],
    ['licence', jsonValueBytes(licence.value)],
    ...metadataKeys(metadata).map((key): [string, Uint8Array] => [metadataFieldName(key), jsonValueBytes(metadata[key]!.value)]),
  ];
  return values.map(([name, value], at) => ({ name, commitment: commitField(salts[at]!, name, value) }));
}
