import { equalBytes, hashLeaf } from '@tributary/proof/primitives';
import { LEAF_LIVE, leafEntry, showRecord, shownHash } from '@tributary/proof/statements';
import { refuseDamagedRecord } from '../disk/damage.ts';
import { StoreError } from '../errors.ts';
import { readRevision } from '../disk/records.ts';
import { readPlace } from '../disk/write-paths.ts';
import { publishedLeaf } from '../snapshot/undo.ts';
import type { IndexState } from '../state.ts';
import type { EncodedRecord } from './cache.ts';

/**
 * The part of a result that is the same in every snapshot, from the cache or the disk. Bytes from the disk are checked
 * against the tree before they are used, so that damaged bytes are never sold.
 *
 * @returns null when the slot is free
 * @throws StoreError STORE_DAMAGED
 */
export function loadRecord(slot: number, state: IndexState): EncodedRecord | null {
  refuseDamagedRecord(state.damage, slot, () => publishedLeaf(slot, state));
  const known = state.cache.get(slot);
  if (known !== undefined) return known;
  const { reader, tree } = state.published;
  const revision = readRevision(reader, slot);
  if (revision === null || slot >= tree.size) return null;
  const { write, path } = readPlace(reader, revision);
  const place = { write, writeIndex: revision.writeIndex, writePath: path };
  const { bytes, recordCommitment } = showRecord(revision, revision.salt, state.settings.modelDigest, place);
  const leaf = hashLeaf(leafEntry(LEAF_LIVE, recordCommitment, write));
  if (!equalBytes(leaf, publishedLeaf(slot, state))) {
    throw new StoreError('STORE_DAMAGED', `the record in slot ${slot} differs from what its write signed; restore a backup`);
  }
  const encoded: EncodedRecord = {
    version: revision.version,
    bytes,
    name: shownHash(bytes),
    textBytes: Buffer.byteLength(revision.text),
    path: null,
  };
  state.cache.set(slot, encoded);
  return encoded;
}
