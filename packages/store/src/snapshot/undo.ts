import type { MerkleTree } from '@tributary/proof/primitives';
import { answerKeepMs } from '../limits.ts';
import { unpackUndo, type PackedUndo, type Undo } from '../disk/values.ts';

/**
 * The leaves of a past snapshot that differ from the tree; null when that snapshot is too old. Each entry undoes the
 * change that made its snapshot, so the earliest entry after the snapshot applies.
 *
 * @param undo entries of published snapshots, oldest first, without gaps up to the newest
 * @param pending entry of a group that is in the tree but not published yet
 */
export function leavesAt(snapshot: number, undo: readonly PackedUndo[], pending: Undo | null): Map<number, Uint8Array> | null {
  const later = undo.filter((entry) => entry.snapshot > snapshot);
  const first = later[0] ?? pending;
  if (first !== null && first.snapshot > snapshot + 1) return null;
  const leaves = new Map(pending !== null && pending.snapshot > snapshot ? pending.leaves : []);
  for (const entry of later.toReversed()) for (const [slot, leaf] of unpackUndo(entry).leaves) leaves.set(slot, leaf);
  return leaves;
}

/** The leaf of a slot in the published tree. */
export function publishedLeaf(slot: number, { tree, pending }: { tree: MerkleTree; pending: Undo | null }): Uint8Array {
  return pending?.leaves.get(slot) ?? tree.leaf(slot);
}

/** True when no answer can need an entry of `time` any more at `now`. */
export const isUndoExpired = (time: number, now: number): boolean => time + answerKeepMs <= now;

/** Entries that no answer can need any more at `now`. */
export function expiredUndo(undo: readonly PackedUndo[], now: number): PackedUndo[] {
  const kept = undo.findIndex((entry) => !isUndoExpired(entry.time, now));
  return undo.slice(0, kept === -1 ? undo.length : kept);
}
