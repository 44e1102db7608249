import { hashLeaf, type MerkleTree } from '@tributary/proof/primitives';
import { LEAF_LIVE, leafEntry, tombstoneEntry } from '@tributary/proof/statements';
import type { DiskReader } from '../disk/database.ts';
import { pathsKey } from '../disk/keys.ts';
import { encodeRevision, type StoredRevision } from '../disk/values.ts';
import {
  groupOf,
  markGone,
  markLive,
  PATHS_TOGETHER,
  pathsFrom,
  readPaths,
  type WritePaths,
  type WritePlace,
} from '../disk/write-paths.ts';
import type { CheckedRecord, GroupDraft, PathsChange } from './types.ts';

/** A record of a write, before it has a slot. `put` null deletes. */
export interface Planned {
  put: CheckedRecord | null;
  old: { slot: number; revision: StoredRevision } | null;
  salt: Uint8Array;
  recordCommitment: Uint8Array;
  /** Leaf hash of its entry in the write. */
  entry: Uint8Array;
}

/** A signed write. */
export interface SealedEntries {
  readonly version: number;
  /** Its hash, hex. */
  readonly write: string;
  readonly entries: MerkleTree;
}

/** Adds one record of a signed write to the draft. */
export function enter(item: Planned, at: number, written: SealedEntries, draft: GroupDraft, reader: DiskReader): void {
  const { put, old, salt, recordCommitment } = item;
  if (old !== null) releasePath(old.revision, draft, reader);
  if (put === null) {
    const { slot, revision } = old!;
    draft.changes.set(slot, { revision: null, leaf: hashLeaf(tombstoneEntry()), row: null });
    draft.ids.set(recordName(revision.namespace, revision.id), null);
    draft.freed.push(slot);
    draft.live -= 1;
    return;
  }
  const slot = old?.slot ?? draft.free.take() ?? draft.size++;
  if (old === null) draft.live += 1;
  const place: WritePlace = { version: written.version, writeIndex: at };
  const revision: StoredRevision = { ...put, salt, ...place };
  const leaf = hashLeaf(leafEntry(LEAF_LIVE, recordCommitment, written.write));
  draft.changes.set(slot, { revision, leaf, row: encodeRevision(revision, leaf) });
  draft.ids.set(recordName(put.namespace, put.id), slot);
  const first = at - (at % PATHS_TOGETHER);
  markLive(
    pathsIn(place, draft, () => pathsFrom(written.entries, first, written.write))!,
    at,
  );
}

/** The record leaves its place: the paths there are kept as long as another record needs them. */
function releasePath(place: WritePlace, draft: GroupDraft, reader: DiskReader): void {
  const paths = pathsIn(place, draft, () => readPaths(reader, place));
  // Paths that are missing are damage, which a check names. Deleting the record repairs it.
  if (paths !== null) markGone(paths, place.writeIndex);
}

function pathsIn(place: WritePlace, draft: GroupDraft, make: () => WritePaths | null): WritePaths | null {
  const group = groupOf(place.writeIndex);
  const name = `${place.version}/${group}`;
  const known = draft.paths.get(name);
  if (known !== undefined) return known.paths;
  const paths = make();
  if (paths === null) return null;
  const change: PathsChange = { key: pathsKey(place.version, group), paths };
  draft.paths.set(name, change);
  return paths;
}

/** Neither part contains NUL. */
export const recordName = (namespace: string, id: string): string => `${namespace}\0${id}`;
