import { concat, equalBytes, sha256, u64, type Network } from '@tributary/proof';
import type { HeadFile } from '@tributary/store';
import { splitExposureKey } from '../policy/exposure.ts';
import { bookEntry } from './books.ts';
import { damaged, type LedgerDatabase } from './disk.ts';
import { entryHash, readEntry, type ChargeEntry, type LedgerEntry } from './entries.ts';
import { decodeRow, rowFacts } from './journal.ts';
import { entryKey, entryRange, exposureRange, journalKey, numberInKey, prunedKey } from './keys.ts';
import { groupChangesMax } from './limits.ts';
import { createState, type LedgerState, type Pruned } from './state.ts';

const HASH_BYTES = 32;

/**
 * Reads the ledger from its first entry, checking the chain, every balance, the journal rows still kept, and the head file. What is on
 * disk beyond the head is at most one group whose writer was cut off before it could reply: it counts, and the head is brought forward.
 *
 * @throws RelayError LEDGER_DAMAGED saying where; nothing is cut off or repaired
 */
export async function loadState(database: LedgerDatabase, head: HeadFile, network: Network): Promise<LedgerState> {
  const state = createState(network);
  const acknowledged = await head.read();
  Object.assign(state.pruned, readPruned(database));
  const replaced = new Map<string, number>();
  for await (const [key, value] of database.scan(entryRange)) {
    const entry = follow(state, numberInKey(key), value);
    if (entry.type === 'charge' && entry.entry > state.pruned.through) checkRow(database, entry, replaced);
    if (entry.entry === acknowledged?.sequence && !equalBytes(acknowledged.hash, state.tip.hash)) {
      throw damaged(`ledger entry ${entry.entry} is not the one that the head file names`);
    }
  }
  for (const entry of replaced.values()) throw damaged(`a journal row names ledger entry ${entry}, which did not write it`);
  checkReach(state, acknowledged?.sequence ?? null);
  if (acknowledged === null || state.tip.entry > acknowledged.sequence) await writeHead(head, state);
  for await (const [key] of database.scan(exposureRange)) {
    const row = splitExposureKey(key.subarray(1));
    if (row === null) throw damaged('a row of seen passages has a wrong length');
    state.exposure.load(row.group);
  }
  return state;
}

/** Brings the head file to the tip of the chain. */
export async function writeHead(head: HeadFile, { tip }: LedgerState): Promise<void> {
  await head.write({ sequence: tip.entry, hash: tip.hash, snapshot: 0 });
}

/** Checks that an entry continues the chain, and books it. */
function follow(state: LedgerState, number: number, value: Buffer): LedgerEntry {
  const { tip, books } = state;
  const expected = tip.entry + 1;
  if (number !== expected) throw damaged(`ledger entry ${expected} is missing: entry ${number} follows entry ${tip.entry}`);
  const body = value.subarray(HASH_BYTES);
  const hash = entryHash(tip.hash, body);
  if (!equalBytes(hash, value.subarray(0, HASH_BYTES))) throw damaged(`the chain breaks at ledger entry ${number}`);
  const entry = readEntry(body);
  const refused = entry.entry === number ? bookEntry(books, entry) : 'it carries another number';
  if (refused !== null) throw damaged(`ledger entry ${number} cannot be booked: ${refused}`);
  tip.entry = number;
  tip.hash = hash;
  return entry;
}

/**
 * A charge within `answerKeepMs` without its row could be charged again: the ticket would look new.
 *
 * @param replaced tickets whose row is said to be written by a later entry, until that entry is met
 */
function checkRow(database: LedgerDatabase, entry: ChargeEntry, replaced: Map<string, number>): void {
  const key = journalKey(entry.channel, entry.ticket);
  const name = key.toString('hex');
  const bytes = database.get(key);
  const writer = bytes === undefined ? undefined : rowFacts(bytes)?.entry;
  if (writer !== undefined && writer > entry.entry) {
    replaced.set(name, writer);
    return;
  }
  if (bytes === undefined || decodeRow(bytes, entry) === null) {
    throw damaged(`the journal row of ledger entry ${entry.entry} is missing or differs`);
  }
  replaced.delete(name);
}

function checkReach({ tip, pruned }: LedgerState, acknowledged: number | null): void {
  if (acknowledged === null && tip.entry > 0)
    throw damaged(`the head file is missing, but there are ${tip.entry} ledger entries`);
  const head = acknowledged ?? 0;
  if (tip.entry < head) throw damaged(`the ledger ends at entry ${tip.entry}, but entry ${head} was acknowledged`);
  if (tip.entry > head + groupChangesMax) {
    throw damaged(`the ledger has ${tip.entry - head} entries beyond the acknowledged entry ${head}, more than one group`);
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

/** One entry from the database. @throws RelayError LEDGER_DAMAGED */
export function entryAt(database: LedgerDatabase, number: number): LedgerEntry {
  const value = database.get(entryKey(number));
  if (value === undefined) throw damaged(`ledger entry ${number} is missing`);
  return readEntry(value.subarray(HASH_BYTES));
}
