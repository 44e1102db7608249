import type { StoreErrorCode } from '@tributary/schemas';
import type { DiskSnapshot } from '../disk/database.ts';
import type { Published } from '../state.ts';
import type { IndexSettings } from '../types.ts';
import type { CheckProgress } from '../reports.ts';

/** What the parts of a check share. */
export interface CheckContext {
  settings: IndexSettings;
  published: Published;
  reader: DiskSnapshot;
  /** Writes that passed, by sequence. */
  writes: Map<number, { hash: string; root: Uint8Array; size: number }>;
  /** Whether a slot that should have a record has none, now. */
  isMissing(slot: number): boolean;
  report(code: StoreErrorCode, where: string, message: string): void;
  progress(progress: CheckProgress): void;
}

/** Items between two reports of progress. */
export const PROGRESS_EVERY = 256;
