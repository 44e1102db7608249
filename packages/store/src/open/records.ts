import { createTree, equalBytes, hashLeaf, toHex, type MerkleTree } from '@tributary/proof/primitives';
import { tombstoneEntry } from '@tributary/proof/statements';
import { searchText, type Manifest } from '@tributary/schemas';
import type { Database } from '../disk/database.ts';
import { leafRange, numberInKey, recordRange, undoRange } from '../disk/keys.ts';
import { decodeRevision, decodeUndo, undoTime, type Undo } from '../disk/values.ts';
import type { SearchEngine } from '../search/engine.ts';
import { isUndoExpired } from '../snapshot/undo.ts';
import type { IndexSettings } from '../types.ts';
import { damaged } from './chains.ts';

/** Leaves that are added together. All of them at once would be an object for each record. */
const LEAVES_AT_ONCE = 4_096;

/**
 * Rebuilds the snapshot tree from its stored leaves.
 *
 * @throws StoreError STORE_DAMAGED when the root differs from the manifest's
 */
export async function rebuildTree(database: Database, manifest: Manifest, settings: IndexSettings): Promise<MerkleTree> {
  const tree = createTree();
  let some: [number, Uint8Array][] = [];
  for await (const [key, leaf] of database.scan(leafRange)) {
    const slot = tree.size + some.length;
    if (numberInKey(key) !== slot || leaf.length !== 32) throw damaged(settings, `the leaf of slot ${slot} is missing`);
    some.push([slot, leaf]);
    if (some.length < LEAVES_AT_ONCE) continue;
    tree.setMany(some);
    some = [];
  }
  tree.setMany(some);
  if (tree.size !== manifest.tree.size || toHex(tree.root()) !== manifest.tree.root) {
    throw damaged(settings, `the leaves of ${tree.size} slots do not give the root of manifest ${manifest.sequence}`);
  }
  return tree;
}

/**
 * Loads all live records into the search engine and finds the free slots. Whether a record matches its leaf is checked
 * when it is used in an answer, and by `check`.
 *
 * @throws StoreError STORE_DAMAGED when a record is missing
 */
export async function loadEngine(
  database: Database,
  tree: MerkleTree,
  manifest: Manifest,
  engine: SearchEngine,
  settings: IndexSettings,
): Promise<number[]> {
  const tombstone = hashLeaf(tombstoneEntry());
  const free: number[] = [];
  let live = 0;
  let next = 0;
  const freeUpTo = (end: number): void => {
    for (; next < end; next += 1) {
      if (!equalBytes(tree.leaf(next), tombstone)) throw damaged(settings, `the record in slot ${next} is missing`);
      free.push(next);
    }
  };
  for await (const [key, value] of database.scan(recordRange)) {
    const slot = numberInKey(key);
    freeUpTo(Math.min(slot, tree.size));
    if (slot >= tree.size) throw damaged(settings, `slot ${slot} lies outside the tree of ${tree.size} slots`);
    const revision = decodeRevision(value, `index ${settings.name}: the record in slot ${slot}`);
    const { namespace, vector, sparse, metadata, sell } = revision;
    if (vector.length !== settings.dimension) throw damaged(settings, `the vector in slot ${slot} has the wrong length`);
    engine.put({ slot, namespace, vector, sparse, searchText: searchText(revision), metadata, sell });
    live += 1;
    next = slot + 1;
  }
  freeUpTo(tree.size);
  if (live !== manifest.live) {
    throw damaged(settings, `${live} live records are there, manifest ${manifest.sequence} says ${manifest.live}`);
  }
  return free;
}

/**
 * Undo entries that answers can still need, oldest first, without gaps up to the newest snapshot, and the number of the
 * first one that is in the database.
 */
export async function loadUndo(database: Database, { sequence, time }: Manifest): Promise<{ undo: Undo[]; first: number }> {
  const undo: Undo[] = [];
  let oldest: number | null = null;
  for await (const [key, value] of database.scan(undoRange)) {
    const snapshot = numberInKey(key);
    oldest ??= snapshot;
    const entry = isUndoExpired(undoTime(value), time) ? null : decodeUndo(snapshot, value);
    if (entry !== null) undo.push(entry);
  }
  let first = undo.length;
  while (first > 0 && undo[first - 1]!.snapshot === sequence - (undo.length - first)) first -= 1;
  return { undo: undo.slice(first), first: oldest ?? sequence + 1 };
}
