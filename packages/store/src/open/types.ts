import type { HeadFile } from '@tributary/runtime';
import type { openDatabase } from '../disk/database.ts';
import type { IndexSettings } from '../types.ts';

/** Format of an index's folder (docs/spec/store.md). */
export const STORE_FORMAT = 'tributary-store/1';

/** Location and kind of an index. Tests replace the disks with faulty ones. */
export interface OpenOptions {
  directory: string;
  settings: IndexSettings;
  seed: Uint8Array;
  /** Clock in Unix milliseconds for background work between calls. */
  now?: () => number;
  openDatabase?: typeof openDatabase;
  openHead?: (path: string) => Promise<HeadFile>;
}

/** The end of a chain of statements. */
export interface ChainEnd {
  sequence: number;
  hash: string;
}
