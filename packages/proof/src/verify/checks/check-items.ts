import type { ProofErrorCode, ResultItem } from '@tributary/schemas';
import { equalBytes, fromBase64url, fromHex } from '../../bytes.ts';
import { ProofError } from '../../errors.ts';
import { hashLeaf } from '../../merkle/hash.ts';
import { verifyInclusion } from '../../merkle/proof.ts';
import { commitShown, recordCommitment } from '../../record/commit.ts';
import { FIELD_NAMES } from '../../record/fields.ts';
import { LEAF_LIVE, leafEntry, putEntry } from '../../record/leaf.ts';
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
 * commitments. A known one has passed before.
 */
export function checkItems(
  { answer, known }: VerifiedReceipt,
  snapshot: VerifiedSnapshot,
  writes: readonly VerifiedWrite[],
): void {
  answer.results.forEach((item, at) => {
    if (known[at]) return;
    const commitments = item.commitments.map(fromBase64url);
    const record = recordCommitment(commitments);
    checkSlot(item, record, snapshot);
    checkWrite(item, record, writes[at]!);
    checkFields(item, commitments, snapshot.manifest.model);
  });
}

function checkSlot({ slot, write, path }: ResultItem, record: Uint8Array, { manifest, root }: VerifiedSnapshot): void {
  const { size } = manifest.tree;
  if (slot >= size) throw new ProofError('ITEM_SLOT', `slot ${slot} is outside the snapshot's ${size} slots`);
  const leafHash = hashLeaf(leafEntry(LEAF_LIVE, record, write));
  if (!verifyInclusion({ index: slot, size, leafHash, path: path.map(fromBase64url), root }))
    throw new ProofError('ITEM_INCLUSION', `the record shown is not in slot ${slot} of the snapshot`);
}

function checkWrite({ writeIndex, writePath, slot }: ResultItem, record: Uint8Array, { statement }: VerifiedWrite): void {
  const leafHash = hashLeaf(putEntry(record));
  const root = fromHex(statement.root);
  if (!verifyInclusion({ index: writeIndex, size: statement.size, leafHash, path: writePath.map(fromBase64url), root }))
    throw new ProofError('WRITE_INCLUSION', `the record in slot ${slot} is not entry ${writeIndex} of its write`);
}

function checkFields({ shown, slot }: ResultItem, commitments: readonly Uint8Array[], model: string): void {
  const opened = commitShown(shown, model);
  if (opened.length !== commitments.length)
    throw new ProofError(
      'ITEM_COMMITMENTS',
      `the record in slot ${slot} has ${commitments.length} fields and shows ${opened.length}`,
    );
  opened.forEach(({ name, commitment }, at) => {
    if (equalBytes(commitment, commitments[at]!)) return;
    const field = FIELD_NAMES[at];
    const code = field === undefined ? 'METADATA_COMMITMENT' : FIELD_CODES[field];
    throw new ProofError(code, `field '${name}' of the record in slot ${slot} is not what was committed to`);
  });
}
