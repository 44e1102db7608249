import type { HeadFile } from '@tributary/runtime';
import { type Network } from '@tributary/proof/payment';
import { secp256k1PublicKey } from '@tributary/proof/primitives';
import { addressFromPublicKey } from '@tributary/proof/statements';
import { createCheckpointWriter, type CheckpointWriter } from './checkpoint-writer.ts';
import { ledgerError, type LedgerDatabase, type LedgerDisk } from './disk.ts';
import { checkpointEntries, recoverPauseMs } from './limits.ts';
import { loadState } from './load.ts';
import { pruneJournal } from './prune.ts';
import type { Draft, LedgerState } from './state.ts';
import { createTrailingHead, type TrailingHead } from './trailing-head.ts';

export interface LedgerOptions {
  readonly disk: LedgerDisk;
  readonly network: Network;
  /** Address that channels must pay. */
  readonly payee: string;
  /** Private key that signs receipts. */
  readonly receiptKey: Uint8Array;
  /** Unix milliseconds. */
  now(): number;
  /** The clock by which answers end. One that was set ahead must not end them early. Default: `now`. */
  steadyNow?(): number;
  /** Is told of failed writes, failed recoveries, and checkpoints that are not used. */
  fault?(error: unknown): void;
  /** Entries from one checkpoint to the next. Default: `checkpointEntries`. */
  readonly checkpointEvery?: number;
}

/** The open files of a ledger and the state that they hold. Replaced as a whole after a failed write. */
export interface Opened {
  readonly database: LedgerDatabase;
  readonly head: HeadFile;
  readonly trailing: TrailingHead;
  readonly state: LedgerState;
}

/** @param trustCheckpoint false reads the whole chain */
export async function openFiles({ disk, network, receiptKey, fault }: LedgerOptions, trustCheckpoint: boolean): Promise<Opened> {
  const files: { database?: LedgerDatabase; head?: HeadFile } = {};
  const signer = addressFromPublicKey(secp256k1PublicKey(receiptKey));
  try {
    const database = (files.database = await disk.openDatabase());
    const head = (files.head = await disk.openHead());
    const checkpoint = trustCheckpoint ? await readCheckpointFile(disk, fault) : null;
    const state = await loadState({ database, head, checkpoint }, { network, signer, ...(fault && { fault }) });
    return { database, head, trailing: createTrailingHead(head), state };
  } catch (error) {
    await closeFiles(files);
    throw ledgerError(error);
  }
}

/** A checkpoint that cannot be read only costs time. */
async function readCheckpointFile({ checkpoint }: LedgerDisk, fault: LedgerOptions['fault']): Promise<Uint8Array | null> {
  try {
    return (await checkpoint?.read()) ?? null;
  } catch (error) {
    fault?.(error);
    return null;
  }
}

/** Closing may fail on a broken disk. What matters is that nothing stays open. */
export async function closeFiles({ database, head }: { database?: LedgerDatabase; head?: HeadFile }): Promise<void> {
  await Promise.allSettled([database?.close(), head?.close()]);
}

export function openCheckpointWriter({ disk, receiptKey, fault, checkpointEvery }: LedgerOptions): CheckpointWriter {
  const entriesMin = checkpointEvery ?? checkpointEntries;
  return createCheckpointWriter({ file: disk.checkpoint ?? null, receiptKey, entriesMin, ...(fault && { fault }) });
}

/**
 * Makes the group durable: one synced batch, then the head file, which is synced behind the answers. Only then are the
 * callers answered.
 */
export async function writeDraft(
  draft: Draft,
  head: TrailingHead,
  { fault }: LedgerOptions,
  checkpoints: CheckpointWriter,
): Promise<void> {
  try {
    pruneJournal(draft, committedEntry(draft));
    if (draft.operations.length === 0) return;
    await draft.database.batch(draft.operations);
    await head.settled();
    await head.put(draft.state.tip);
  } catch (error) {
    fault?.(error);
    throw ledgerError(error);
  }
  checkpoints.committed(draft.state, draft.nowMs, () => head.settled());
}

/** The draft's own entries are not in the database yet. */
function committedEntry({ state, operations }: Draft): number {
  return state.tip.entry - operations.filter(({ key, value }) => key[0] === ENTRY_KIND && value !== null).length;
}
const ENTRY_KIND = 'e'.charCodeAt(0);

/** Reads the ledger again, at most once every `recoverPauseMs`. A damaged ledger is refused until it is restored. */
export function createRecovery({ now, fault }: LedgerOptions, reopen: () => Promise<void>): () => Promise<void> {
  let failed: { error: unknown; at: number } | null = null;
  return async () => {
    const elapsed = failed === null ? recoverPauseMs : Math.abs(now() - failed.at);
    if (failed !== null && elapsed < recoverPauseMs) throw failed.error;
    try {
      await reopen();
      failed = null;
    } catch (error) {
      failed = { error, at: now() };
      fault?.(error);
      throw error;
    }
  };
}
