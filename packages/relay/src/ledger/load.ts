import type { Head, HeadFile } from '@tributary/runtime';
import { type Network } from '@tributary/proof/payment';
import { concat, equalBytes, sha256, u64 } from '@tributary/proof/primitives';
import { createBalances } from './balances.ts';
import { readCheckpoint, type Checkpoint, type Tip } from './checkpoint.ts';
import { damaged, type LedgerDatabase } from './disk.ts';
import { prunedKey } from './keys.ts';
import { groupChangesMax, groupsBeyondHeadMax } from './limits.ts';
import { replay } from './replay.ts';
import type { LedgerState, Pruned } from './state.ts';
import { zeroHashBytes, HASH_BYTES } from './entries.ts';
import { holdsEntry } from './read-entries.ts';

export interface LoadFrom {
  readonly database: LedgerDatabase;
  readonly head: HeadFile;
  /** Bytes of the checkpoint file; null when there is no file. */
  readonly checkpoint: Uint8Array | null;
}

export interface LoadOptions {
  readonly network: Network;
  /** Address of the key that signs checkpoints. */
  readonly signer: string;
  /** Is told why a checkpoint was not used. */
  fault?(error: unknown): void;
}

/**
 * Reads the ledger from its checkpoint if that is genuine and part of the chain, otherwise from the first entry. From
 * there it checks the chain, every balance, the journal rows that are still kept, and the head file. Entries beyond the
 * head are at most two groups: one was written just before a crash, and the head of the one before it was not synced
 * when the power failed. They count, and the head is moved forward.
 *
 * @throws RelayError LEDGER_DAMAGED with the place; nothing is cut off or repaired
 */
export async function loadState({ database, head, checkpoint }: LoadFrom, options: LoadOptions): Promise<LedgerState> {
  const acknowledged = await head.read();
  const pruned = readPruned(database);
  const read = checkpoint === null ? null : readCheckpoint(checkpoint, options.network, options.signer);
  const known = read === null || typeof read === 'string' ? null : read;
  const contradiction = typeof read === 'string' ? read : known === null ? null : contradicts(known.tip, database, acknowledged);
  const state =
    known !== null && contradiction === null
      ? { ...known, tip: { ...known.tip }, pruned }
      : { balances: createBalances(options.network), tip: { entry: 0, hash: zeroHashBytes() }, pruned };
  if (contradiction !== null)
    options.fault?.(new Error(`the ledger's checkpoint is not used, the whole ledger is read: ${contradiction}`));
  await replay(database, state, {
    pruned: () => pruned.through,
    after: ({ tip }) => {
      checkPassing(tip, acknowledged, known);
    },
  });
  checkReach(state, acknowledged?.sequence ?? null, known);
  const isAhead = acknowledged === null || state.tip.entry > acknowledged.sequence;
  if (isAhead && !database.readOnly) await writeHead(head, state);
  return state;
}

/** Moves the head file to the tip of the chain. */
async function writeHead(head: HeadFile, { tip }: Pick<LedgerState, 'tip'>): Promise<void> {
  await head.write({ sequence: tip.entry, hash: tip.hash, snapshot: 0 });
}

/**
 * Why signed balances cannot belong to this database; null when they may. Only reading all entries can confirm them.
 */
function contradicts(tip: Tip, database: LedgerDatabase, acknowledged: Head | null): string | null {
  if (!holdsEntry(database, tip)) return `the chain does not have its entry ${tip.entry}`;
  if (acknowledged === null || acknowledged.sequence < tip.entry) return `it is ahead of the head file, at entry ${tip.entry}`;
  if (acknowledged.sequence === tip.entry && !equalBytes(acknowledged.hash, tip.hash)) return 'the head file names another entry';
  return null;
}

/** The chain must contain the acknowledged head and the signed tip. */
function checkPassing(tip: Tip, acknowledged: Head | null, known: Checkpoint | null): void {
  if (tip.entry === acknowledged?.sequence && !equalBytes(acknowledged.hash, tip.hash))
    throw damaged(`ledger entry ${tip.entry} is not the one that the head file names`);
  if (tip.entry === known?.tip.entry && !equalBytes(known.tip.hash, tip.hash))
    throw damaged(`ledger entry ${tip.entry} is not the one that its signed checkpoint names`);
}

function checkReach({ tip, pruned }: LedgerState, acknowledged: number | null, known: Checkpoint | null): void {
  if (acknowledged === null && tip.entry > 0)
    throw damaged(`the head file is missing, but there are ${tip.entry} ledger entries`);
  const head = acknowledged ?? 0;
  if (tip.entry < head) throw damaged(`the ledger ends at entry ${tip.entry}, but entry ${head} was acknowledged`);
  if (known !== null && tip.entry < known.tip.entry)
    throw damaged(`the ledger ends at entry ${tip.entry}, but its signed checkpoint is of entry ${known.tip.entry}`);
  if (tip.entry > head + groupsBeyondHeadMax * groupChangesMax) {
    throw damaged(`the ledger has ${tip.entry - head} entries beyond the acknowledged entry ${head}, more than two groups`);
  }
  if (pruned.through > tip.entry) throw damaged(`the journal was pruned through entry ${pruned.through}, which does not exist`);
}

/** `u64 through ‖ u64 floorMs ‖ SHA-256 of these`. */
export function encodePruned({ through, floorMs }: Pruned): Uint8Array {
  const body = concat(u64(through), u64(floorMs));
  return concat(body, sha256(body));
}

function readPruned(database: LedgerDatabase): Pruned {
  const bytes = database.get(prunedKey());
  if (bytes === undefined) return { through: 0, floorMs: 0 };
  if (bytes.length !== 16 + HASH_BYTES || !equalBytes(sha256(bytes.subarray(0, 16)), bytes.subarray(16))) {
    throw damaged('the mark of the last pruned journal row is unreadable');
  }
  return { through: Number(bytes.readBigUInt64BE(0)), floorMs: Number(bytes.readBigUInt64BE(8)) };
}
