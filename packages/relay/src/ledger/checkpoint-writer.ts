import { signCheckpoint, writeBalances } from './checkpoint.ts';
import type { CheckpointFile } from './disk.ts';
import type { LedgerState } from './state.ts';

export interface CheckpointWriter {
  /** Call it when a group is on disk and before the next begins: writes a checkpoint of that moment, if one is due. */
  committed(state: LedgerState, nowMs: number): void;
  /** Resolves when nothing is being written. */
  idle(): Promise<void>;
}

export interface CheckpointWriterOptions {
  readonly file: CheckpointFile | null;
  readonly receiptKey: Uint8Array;
  /** Entries from one checkpoint to the next. */
  readonly entriesMin: number;
  fault?(error: unknown): void;
}

/**
 * Writes checkpoints, one at a time and beside the charges: no answer waits for it, and one that fails costs the next
 * opening some time and nothing else. The pause grows with the balances, so that their text costs each entry the same.
 */
export function createCheckpointWriter({ file, receiptKey, entriesMin, fault }: CheckpointWriterOptions): CheckpointWriter {
  let last = 0;
  let writing: Promise<void> | null = null;
  return {
    committed(state, nowMs) {
      const { tip, balances } = state;
      const due = last + Math.max(entriesMin, balances.channels.size + balances.accounts.size);
      if (file === null || writing !== null || tip.entry < due) return;
      last = tip.entry;
      const bytes = signCheckpoint(writeBalances(state, nowMs), receiptKey);
      writing = file
        .write(bytes)
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
