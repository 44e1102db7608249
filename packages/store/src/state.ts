import type { HeadFile, Turnstile } from '@tributary/runtime';
import type { MerkleTree, TreeView } from '@tributary/proof/primitives';
import type { ResultCache, RevisionCache } from './answer/cache.ts';
import type { Damage } from './disk/damage.ts';
import type { Database, DiskSnapshot } from './disk/database.ts';
import type { PackedUndo, Undo } from './disk/values.ts';
import type { SearchEngine } from './search/engine.ts';
import type { IndexSettings } from './types.ts';
import type { HeldWriters } from './write/types.ts';

/** The state of an index in its worker. Answers are made from `published`; the rest belongs to the writer. */
export interface IndexState {
  readonly settings: IndexSettings;
  readonly seed: Uint8Array;
  readonly directory: string;
  readonly database: Database;
  readonly head: HeadFile;
  readonly engine: SearchEngine;
  /** Leaves of all slots. Ahead of `published` while a group is being written to disk. */
  readonly tree: MerkleTree;
  /** Leaves of all manifests. Ahead of `published` likewise. */
  readonly log: MerkleTree;
  readonly cache: ResultCache;
  /** Of the published snapshot. */
  readonly revisions: RevisionCache;
  /** What checks found wrong. It is refused until it is repaired. */
  readonly damage: Damage;
  /** Slots without a live record. They are used before new ones are opened. */
  readonly free: number[];
  /** Undo entries of the last `answerKeepMs`, oldest first. */
  undo: PackedUndo[];
  /** The time by which these end. It passes while the index is open, whatever the machine's clock does. */
  readonly undoNow: () => number;
  /** Number of the first snapshot whose undo entry may be in the database. */
  undoFirst: number;
  /** The image on the disk (docs/spec/store.md): its snapshot, null for none, and the slots that changed since. */
  readonly image: { snapshot: number | null; changes: number };
  /** Passed by each group from its preparation to its publication; alone is who reads what they change. */
  readonly publishing: Turnstile;
  /** Undo entry of the group that is in `tree` but not yet in `published`; null when they agree. */
  pending: Undo | null;
  published: Published;
}

/** One snapshot and everything that belongs to it. Replaced as a whole in one turn. */
export interface Published {
  readonly snapshot: number;
  /** Hash of the manifest, hex. */
  readonly manifestHash: string;
  readonly write: { readonly sequence: number; readonly hash: string };
  /** The list of writers that the manifest names; null: none. */
  readonly writers: HeldWriters | null;
  readonly live: number;
  /** Unix milliseconds of the manifest. */
  readonly time: number;
  /** A signed note. */
  readonly checkpoint: string;
  readonly reader: DiskSnapshot;
  readonly tree: TreeView;
  readonly log: TreeView;
}
