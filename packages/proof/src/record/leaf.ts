// Entries of the snapshot tree and of a write's tree (docs/spec/record.md, write.md). Hash them with hashLeaf.
import { concat, fromHex } from '../bytes.ts';
import { TAG_DELETE, TAG_LEAF, TAG_PUT } from '../domains.ts';

export const LEAF_LIVE = 0x01;
export const LEAF_TOMBSTONE = 0x00;
export type LeafKind = typeof LEAF_LIVE | typeof LEAF_TOMBSTONE;

/** Entry of a slot: `tag ‖ kind ‖ record commitment ‖ write hash`. The write hash may be given as hex or raw. */
export function leafEntry(kind: LeafKind, recordCommitment: Uint8Array, writeHash: string | Uint8Array): Uint8Array {
  const write = typeof writeHash === 'string' ? fromHex(writeHash) : writeHash;
  return concat(TAG_LEAF, Uint8Array.of(kind), digest(recordCommitment), digest(write));
}

/** Entry of a slot whose record was deleted. */
export function tombstoneEntry(): Uint8Array {
  return leafEntry(LEAF_TOMBSTONE, new Uint8Array(32), new Uint8Array(32));
}

/** Entry of an upsert in a write. */
export function putEntry(recordCommitment: Uint8Array): Uint8Array {
  return concat(TAG_PUT, digest(recordCommitment));
}

/** Entry of a delete in a write; the commitment is that of the record it deletes. */
export function deleteEntry(recordCommitment: Uint8Array): Uint8Array {
  return concat(TAG_DELETE, digest(recordCommitment));
}

function digest(value: Uint8Array): Uint8Array {
  if (value.length !== 32) throw new TypeError(`a digest has 32 bytes, not ${value.length}`);
  return value;
}
