import type { HeadFile } from '@tributary/runtime';
import type { Database } from '../disk/database.ts';
import type { IndexSettings } from '../types.ts';

/** Format of what lies in an index's folder (docs/spec/store.md). */
export const STORE_FORMAT = 'tributary-store/1';

/** Where an index lies and what it is. Tests put faulty disks in place of the real ones. */
export interface OpenOptions {
  directory: string;
  settings: IndexSettings;
  seed: Uint8Array;
  /** Clock in Unix milliseconds for what is done between calls. */
  now?: () => number;
  openDatabase?: (directory: string) => Promise<Database>;
  openHead?: (path: string) => Promise<HeadFile>;
}

/** End of a chain of statements. */
export interface ChainEnd {
  sequence: number;
  hash: string;
}
