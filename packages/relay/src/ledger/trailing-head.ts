import type { HeadFile } from '@tributary/runtime';
import type { Tip } from './checkpoint.ts';

/**
 * The head file of a ledger, whose syncs no answer waits for. A head is with the operating system before its group is
 * acknowledged, so a kill loses none. It is synced while the next group is written, and no group after that is
 * acknowledged before. So after a power cut the head is at most two groups behind.
 */
export interface TrailingHead {
  /**
   * Resolves once every head is on disk.
   *
   * @throws the error of the last sync
   */
  settled(): Promise<void>;
  /** Writes the head and begins to sync it. Call it once the one before is settled. */
  put(tip: Tip): Promise<void>;
}

export function createTrailingHead(file: HeadFile): TrailingHead {
  let failure: Promise<unknown> = Promise.resolve(null);
  return {
    async settled() {
      const error = await failure;
      if (error !== null) throw error;
    },
    async put({ entry, hash }) {
      await file.put({ sequence: entry, hash, snapshot: 0 });
      failure = file.sync().then(
        () => null,
        (error: unknown) => error,
      );
    },
  };
}
