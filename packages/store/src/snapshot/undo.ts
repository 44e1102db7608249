import type { MerkleTree } from '@tributary/proof/primitives';
import { answerKeepMs } from '../limits.ts';
import type { Undo } from '../disk/values.ts';

/**
 * The leaves of a past snapshot that differ from the tree; null when that snapshot is too old. Each entry undoes the
 * change that made its snapshot, so the earliest entry after the snapshot applies.
 *
 * @param undo entries of published snapshots, oldest first, without gaps up to the newest
 * @param pending entry of a group that is in the tree but not published yet
 */
export function leavesAt(snapshot: number, undo: readonly Undo[], pending: Undo | null): Map<number, Uint8Array> | null {
  const entries = pending === null ? undo : [...undo, pending];
  const later = entries.filter((entry) => entry.snapshot > snapshot);
  if (later.length > 0 && later[0]!.snapshot !== snapshot + 1) return null;
  const leaves = new Map<number, Uint8Array>();
  for (const entry of later.toReversed()) for (const [slot, leaf] of entry.leaves) leaves.set(slot, leaf);
  return leaves;
}

/** The leaf of a slot in the published tree. */
export function publishedLeaf(slot: number, { tree, pending }: { tree: MerkleTree; pending: Undo | null }): Uint8Array {
  return pending?.leaves.get(slot) ?? tree.leaf(slot);
}

/** True when no answer can need an entry of `time` any more at `now`. */
export const isUndoExpired = (time: number, now: number): boolean => time + answerKeepMs <= now;

/** Entries that no answer can need any more at `now`. */
export function expiredUndo(undo: readonly Undo[], now: number): Undo[] {
  const kept = undo.findIndex((entry) => !isUndoExpired(entry.time, now));
  return undo.slice(0, kept === -1 ? undo.length : kept);
}
