import { createTree, hashLeaf, toHex, type MerkleTree } from '@tributary/proof/primitives';
import { tombstoneEntry } from '@tributary/proof/statements';
import { searchText, type Manifest } from '@tributary/schemas';
import type { Database } from '../disk/database.ts';
import { numberInKey, recordRange, undoKey, undoRange } from '../disk/keys.ts';
import { decodeRevision, leafIn, storedUndo, type PackedUndo } from '../disk/values.ts';
import type { SearchEngine } from '../search/engine.ts';
import { isUndoExpired } from '../snapshot/undo.ts';
import type { IndexSettings } from '../types.ts';
import { damaged } from './chains.ts';

/** Leaves that are added together. All of them at once would be an object for each record. */
const LEAVES_AT_ONCE = 4_096;

/**
 * Loads all live records into the search engine, rebuilds the snapshot tree from their leaves, and finds the free
 * slots. Whether a record matches its leaf is checked when it is used in an answer, and by `check`.
 *
 * @throws StoreError STORE_DAMAGED when the root differs from the manifest's, as it does when a record is missing
 */
export async function loadEngine(
  database: Database,
  manifest: Manifest,
  engine: SearchEngine,
  settings: IndexSettings,
): Promise<{ tree: MerkleTree; free: number[] }> {
  const tombstone = hashLeaf(tombstoneEntry());
  const tree = createTree();
  const free: number[] = [];
  let live = 0;
  let some: [number, Uint8Array][] = [];
  const nextSlot = (): number => tree.size + some.length;
  const add = (leaf: Uint8Array): void => {
    some.push([nextSlot(), leaf]);
    if (some.length < LEAVES_AT_ONCE) return;
    tree.setMany(some);
    some = [];
  };
  const freeUpTo = (end: number): void => {
    for (let slot = nextSlot(); slot < end; slot += 1) {
      free.push(slot);
      add(tombstone);
    }
  };
  for await (const [key, value] of database.scan(recordRange)) {
    const slot = numberInKey(key);
    if (slot >= manifest.tree.size) throw damaged(settings, `slot ${slot} lies outside the tree of ${manifest.tree.size} slots`);
    const revision = decodeRevision(value, `index ${settings.name}: the record in slot ${slot}`);
    const { namespace, vector, sparse, metadata, sell } = revision;
    if (vector.length !== settings.dimension) throw damaged(settings, `the vector in slot ${slot} has the wrong length`);
    freeUpTo(slot);
    add(leafIn(value));
    engine.put({ slot, namespace, vector, sparse, searchText: searchText(revision), metadata, sell });
    live += 1;
  }
  freeUpTo(manifest.tree.size);
  tree.setMany(some);
  if (toHex(tree.root()) !== manifest.tree.root)
    throw damaged(settings, `the records of ${tree.size} slots do not give the root of manifest ${manifest.sequence}`);
  if (live !== manifest.live)
    throw damaged(settings, `${live} live records are there, manifest ${manifest.sequence} says ${manifest.live}`);
  return { tree, free };
}

/**
 * Undo entries that answers can still need, oldest first, without gaps up to the newest snapshot, and the number of the
 * first one that is in the database.
 */
export async function loadUndo(database: Database, sequence: number): Promise<{ undo: PackedUndo[]; first: number }> {
  const undo: PackedUndo[] = [];
  const last = database.get(undoKey(sequence));
  const newest = last === undefined ? 0 : storedUndo(sequence, last).time;
  let oldest: number | null = null;
  for await (const [key, value] of database.scan(undoRange)) {
    const snapshot = numberInKey(key);
    oldest ??= snapshot;
    const entry = storedUndo(snapshot, value);
    if (!isUndoExpired(entry.time, newest)) undo.push(entry);
  }
  let first = undo.length;
  while (first > 0 && undo[first - 1]!.snapshot === sequence - (undo.length - first)) first -= 1;
  return { undo: undo.slice(first), first: oldest ?? sequence + 1 };
}
