import type { ProofErrorCode, ResultItem } from '@tributary/schemas';
import { equalBytes, fromHex } from '../../bytes.ts';
import { ProofError } from '../../errors.ts';
import { hashLeaf } from '../../merkle/hash.ts';
import { verifyInclusion } from '../../merkle/proof.ts';
import { commitShown, recordCommitment } from '../../record/commit.ts';
import { FIELD_NAMES } from '../../record/fields.ts';
import { decodeShown, type DecodedRecord } from '../../record/shown-bytes.ts';
import { LEAF_LIVE, leafEntry, putEntry } from '../../record/leaf.ts';
import { hashesOf } from '../known-items.ts';
import type { VerifiedReceipt, VerifiedSnapshot, VerifiedWrite } from '../types.ts';

const FIELD_CODES: Readonly<Record<(typeof FIELD_NAMES)[number], ProofErrorCode>> = {
  id: 'ID_COMMITMENT',
  namespace: 'NAMESPACE_COMMITMENT',
  text: 'TEXT_COMMITMENT',
  vector: 'VECTOR_COMMITMENT',
  source: 'SOURCE_COMMITMENT',
  licence: 'LICENCE_COMMITMENT',
};

/**
 * Step 9, first part: each result is in the snapshot at its slot, was written by its write, and matches its
 * commitments. What is known has passed before.
 */
export function checkItems(
  { answer, items }: VerifiedReceipt,
  snapshot: VerifiedSnapshot,
  writes: readonly VerifiedWrite[],
): void {
  const { model } = snapshot.manifest;
  answer.results.forEach((item, at) => {
    const { known, placed, bytes, path } = items[at]!;
    if (placed && known?.model === model) return;
    const decoded = items[at]!.decoded ?? decodeShown(bytes);
    const record = recordCommitment(decoded.commitments);
    if (!placed) checkSlot(item, record, hashesOf(path), snapshot);
    if (known?.model === model) return;
    checkWrite(item, record, decoded.writePath, writes[at]!);
    checkFields(item, decoded, model);
  });
}

function checkSlot(
  { slot, write }: ResultItem,
  record: Uint8Array,
  path: readonly Uint8Array[],
  { manifest, root }: VerifiedSnapshot,
): void {
  const { size } = manifest.tree;
  if (slot >= size) throw new ProofError('ITEM_SLOT', `slot ${slot} is outside the snapshot's ${size} slots`);
  const leafHash = hashLeaf(leafEntry(LEAF_LIVE, record, write));
  if (!verifyInclusion({ index: slot, size, leafHash, path, root }))
    throw new ProofError('ITEM_INCLUSION', `the record shown is not in slot ${slot} of the snapshot`);
}

function checkWrite(
  { writeIndex, slot }: ResultItem,
  record: Uint8Array,
  path: readonly Uint8Array[],
  { statement }: VerifiedWrite,
): void {
  const leafHash = hashLeaf(putEntry(record));
  const root = fromHex(statement.root);
  if (!verifyInclusion({ index: writeIndex, size: statement.size, leafHash, path, root }))
    throw new ProofError('WRITE_INCLUSION', `the record in slot ${slot} is not entry ${writeIndex} of its write`);
}

function checkFields({ shown, slot }: ResultItem, { commitments, salts, dense, sparse }: DecodedRecord, model: string): void {
  const opened = commitShown(shown, { salts, dense, sparse }, model);
  opened.forEach(({ name, commitment }, at) => {
    if (equalBytes(commitment, commitments[at]!)) return;
    const field = FIELD_NAMES[at];
    const code = field === undefined ? 'METADATA_COMMITMENT' : FIELD_CODES[field];
    throw new ProofError(code, `field '${name}' of the record in slot ${slot} is not what was committed to`);
  });
}
