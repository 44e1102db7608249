import { signCheckpoint, writeBalances } from './checkpoint.ts';
import type { CheckpointFile } from './disk.ts';
import type { LedgerState } from './state.ts';

export interface CheckpointWriter {
  /**
   * Writes a checkpoint of this moment if one is due. To be called when a group is on disk and before the next one
   * begins.
   *
   * @param settled resolves once the head file is synced, so that no checkpoint is ahead of it
   */
  committed(state: LedgerState, nowMs: number, settled: () => Promise<void>): void;
  /** Resolves when no write is running. */
  idle(): Promise<void>;
}

export interface CheckpointWriterOptions {
  readonly file: CheckpointFile | null;
  readonly receiptKey: Uint8Array;
  /** Fewest entries from one checkpoint to the next. */
  readonly entriesMin: number;
  fault?(error: unknown): void;
}

/**
 * Writes checkpoints one at a time, beside the charges. No answer waits for a checkpoint; one that fails only makes the
 * next opening slower. The interval grows with the balances, so that the cost for each entry stays constant.
 */
export function createCheckpointWriter({ file, receiptKey, entriesMin, fault }: CheckpointWriterOptions): CheckpointWriter {
  let last = 0;
  let writing: Promise<void> | null = null;
  return {
    committed(state, nowMs, settled) {
      const { tip, balances } = state;
      const due = last + Math.max(entriesMin, balances.channels.size + balances.accounts.size);
      if (file === null || writing !== null || tip.entry < due) return;
      last = tip.entry;
      const bytes = signCheckpoint(writeBalances(state, nowMs), receiptKey);
      writing = settled()
        .then(() => file.write(bytes))
        .catch((error: unknown) => fault?.(error))
        .finally(() => {
          writing = null;
        });
    },
    async idle() {
      await writing;
    },
  };
}
