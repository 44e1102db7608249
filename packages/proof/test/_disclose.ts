import type { ShownFields } from '@tributary/schemas';
import { toBase64url, vectorToBase64url } from '../src/bytes.ts';
import { commitRecord, type CommittedRecord } from '../src/record/commit.ts';
import { metadataKeys } from '../src/record/fields.ts';
import { sparseToBase64url } from '../src/record/sparse-bytes.ts';

/** What an answer discloses of a record, as text: its commitments, and every field with the salt that opens it. */
export function discloseRecord(
  record: CommittedRecord,
  recordSalt: Uint8Array,
  modelDigest: string,
): { commitments: string[]; shown: ShownFields } {
  const { sparse } = record;
  const { salts, commitments } = commitRecord(record, recordSalt, modelDigest);
  const texts = salts.map(toBase64url);
  const shown = <T>(position: number, value: T) => ({ salt: texts[position]!, value });
  return {
    commitments: commitments.map(toBase64url),
    shown: {
      id: shown(0, record.id),
      namespace: shown(1, record.namespace),
      text: shown(2, record.text),
      vector: {
        ...shown(3, vectorToBase64url(record.vector)),
        ...(sparse === null ? {} : { sparse: sparseToBase64url(sparse) }),
      },
      source: shown(4, record.source),
      licence: shown(5, record.licence),
      // fromEntries instead of assignment, because a key named __proto__ must become a normal member.
      metadata: Object.fromEntries(
        metadataKeys(record.metadata).map((key, at) => [key, shown(6 + at, record.metadata[key]!)] as const),
      ),
    },
  };
}
