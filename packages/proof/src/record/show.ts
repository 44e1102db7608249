import { fromHex, vectorBytes } from '../bytes.ts';
import { commitRecord, type CommittedRecord } from './commit.ts';
import { metadataKeys } from './fields.ts';
import { joinParts } from './shown-bytes.ts';
import { sparseBytes } from './sparse-bytes.ts';

/** Where a record was written. */
export interface ShownPlace {
  /** Hash of the write, hex. */
  readonly write: string;
  readonly writeIndex: number;
  /** Inclusion path of the record in its write. */
  readonly writePath: readonly Uint8Array[];
}

/**
 * The bytes that an answer shows of a record (docs/spec/query.md#records): its commitments, and every field with the
 * salt that opens it.
 *
 * @param recordSalt 32 random bytes of this revision of the record
 * @param modelDigest digest of the index's model card, hex
 * @returns with the raw commitment to all fields, which the record's leaf holds
 * @throws TypeError, RangeError when a part has no bytes in the format
 */
export function showRecord(
  record: CommittedRecord,
  recordSalt: Uint8Array,
  modelDigest: string,
  { write, writeIndex, writePath }: ShownPlace,
): { bytes: Uint8Array; recordCommitment: Uint8Array } {
  const { id, namespace, text, source, licence, metadata, vector, sparse } = record;
  const { salts, commitments, recordCommitment } = commitRecord(record, recordSalt, modelDigest);
  // fromEntries instead of assignment, because a key named __proto__ must become a normal member.
  const sorted = Object.fromEntries(metadataKeys(metadata).map((key) => [key, metadata[key]!]));
  const bytes = joinParts({
    texts: { id, namespace, text, source, licence, metadata: sorted },
    salts,
    commitments,
    dense: vectorBytes(vector),
    sparse: sparse === null ? new Uint8Array(0) : sparseBytes(sparse),
    write: fromHex(write),
    writeIndex,
    writePath,
  });
  return { bytes, recordCommitment };
}
