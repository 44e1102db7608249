import { TAG_MANIFEST, statementHash } from '@tributary/proof/statements';
import type { Manifest } from '@tributary/schemas';
import type { DiskReader } from '../disk/database.ts';
import { manifestKey, undoKey } from '../disk/keys.ts';
import { storedUndo, unpackUndo } from '../disk/values.ts';

/** Hash and size of the tree of a past snapshot; null when its manifest is not there. */
export function readPast(snapshot: number, reader: Pick<DiskReader, 'get'>): { hash: string; size: number } | null {
  const body = reader.get(manifestKey(snapshot))?.toString();
  if (body === undefined) return null;
  return { hash: statementHash(TAG_MANIFEST, body), size: (JSON.parse(body) as Manifest).tree.size };
}

/** Slots that changed between two snapshots, ascending; null when the database does not tell any more. */
export function changedSlots(
  from: { snapshot: number; size: number },
  to: { snapshot: number; size: number },
  reader: Pick<DiskReader, 'get'>,
): number[] | null {
  const slots = new Set<number>();
  for (let snapshot = from.snapshot + 1; snapshot <= to.snapshot; snapshot += 1) {
    const row = reader.get(undoKey(snapshot));
    if (row === undefined) return null;
    for (const slot of unpackUndo(storedUndo(snapshot, row)).leaves.keys()) slots.add(slot);
  }
  for (let slot = from.size; slot < to.size; slot += 1) slots.add(slot);
  return [...slots].toSorted((a, b) => a - b);
}
