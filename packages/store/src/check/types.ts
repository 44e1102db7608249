import type { StoreErrorCode } from '@tributary/schemas';
import type { DiskSnapshot } from '../disk/database.ts';
import type { Published } from '../state.ts';
import type { IndexSettings } from '../types.ts';
import type { CheckProgress } from '../reports.ts';

/** What each part of a check reads and reports to. */
export interface CheckContext {
  settings: IndexSettings;
  published: Published;
  reader: DiskSnapshot;
  /** Writes that were found right, by sequence. */
  writes: Map<number, { hash: string; root: Uint8Array; size: number }>;
  report(code: StoreErrorCode, where: string, message: string): void;
  progress(progress: CheckProgress): void;
}

/** How often progress is told, in items. */
export const PROGRESS_EVERY = 256;
