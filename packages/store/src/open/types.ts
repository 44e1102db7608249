import type { MerkleTree } from '@tributary/proof/primitives';
import type { Head, HeadFile } from '@tributary/runtime';
import type { Manifest } from '@tributary/schemas';
import type { Database, openDatabase } from '../disk/database.ts';
import type { RemoteOptions } from '../remote/types.ts';
import type { SearchEngine } from '../search/engine.ts';
import type { IndexSettings } from '../types.ts';
import type { GraphOptions } from '../vectors/types.ts';
import type { KeptVectors } from '../vectors/kept-vectors.ts';

/** Format of an index's folder (docs/spec/store.md). */
export const STORE_FORMAT = 'tributary-store/2';

/** Location and kind of an index. Tests replace the disks with faulty ones. */
export interface OpenOptions {
  directory: string;
  settings: IndexSettings;
  seed: Uint8Array;
  /** Clock in Unix milliseconds for background work between calls. */
  now?: () => number;
  /** Milliseconds of a clock that no setting of the machine's clock moves. */
  elapsedMs?: () => number;
  /** Where its graph is; null: in this process. It is closed with the index. */
  remote?: RemoteOptions | null;
  /** Settings of its graph. Tests build one of few vectors. */
  graph?: GraphOptions;
  openDatabase?: typeof openDatabase;
  openHead?: (path: string) => Promise<HeadFile>;
}

/** The end of a chain of statements. */
export interface ChainEnd {
  sequence: number;
  hash: string;
}

/** The chains of writes and manifests, followed to their ends. */
export interface Chains {
  lastWrite: ChainEnd;
  log: MerkleTree;
  manifest: Manifest;
  manifestHash: string;
  /** True when the database has one group that was never acknowledged. */
  ahead: boolean;
}

/** What an index is opened from. */
export interface OpeningParts extends Pick<OpenOptions, 'settings' | 'seed'> {
  database: Database;
  head: Head | null;
  /** Its vectors outside the memory; null without dense vectors. */
  kept: KeptVectors | null;
  remote: RemoteOptions | null;
  graph: GraphOptions | undefined;
}

/** What an index serves from. */
export interface OpenedIndex {
  chains: Chains;
  tree: MerkleTree;
  engine: SearchEngine;
  /** Slots without a record. */
  free: number[];
  /** The image that it was opened from, and the slots that changed since. */
  image: { snapshot: number | null; changes: number };
}
