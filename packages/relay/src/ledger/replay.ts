import { equalBytes } from '@tributary/proof/primitives';
import { bookEntry, type Balances } from './balances.ts';
import { damaged, type LedgerDatabase } from './disk.ts';
import { entryHash, readEntry, type ChargeEntry, type LedgerEntry, HASH_BYTES } from './entries.ts';
import { decodeRow, rowFacts } from './journal.ts';
import { entryKey, journalKey, numberInKey } from './keys.ts';

/** Balances and the position in the chain that they belong to. */
export interface Follower {
  readonly balances: Balances;
  readonly tip: { entry: number; hash: Uint8Array };
}

export interface ReplayOptions {
  /** Entries after this one are not read. */
  readonly last?: number;
  /**
   * Journal rows of entries up to this number are removed. Called at each entry, because rows may be removed meanwhile.
   */
  pruned(): number;
  /** Called after each entry; may throw. */
  after?(follower: Follower): void | Promise<void>;
}

/**
 * Follows the chain from the follower's tip and checks numbers, hashes, balances and the journal rows that must still
 * exist.
 *
 * @throws RelayError LEDGER_DAMAGED with the place
 */
export async function replay(database: LedgerDatabase, follower: Follower, options: ReplayOptions): Promise<void> {
  const last = options.last ?? Number.MAX_SAFE_INTEGER - 1;
  const replaced = new Map<string, number>();
  for await (const [key, value] of database.scan({ gte: entryKey(follower.tip.entry + 1), lt: entryKey(last + 1) })) {
    const entry = follow(follower, numberInKey(key), value);
    if (entry.type === 'charge' && entry.entry > options.pruned()) checkRow(database, entry, replaced);
    const wait = options.after?.(follower);
    if (wait !== undefined) await wait;
  }
  for (const writer of replaced.values()) {
    if (writer <= last) throw damaged(`a journal row names ledger entry ${writer}, which did not write it`);
  }
}

/** Checks that an entry continues the chain, and books it. */
function follow({ tip, balances }: Follower, number: number, value: Buffer): LedgerEntry {
  const expected = tip.entry + 1;
  if (number !== expected) throw damaged(`ledger entry ${expected} is missing: entry ${number} follows entry ${tip.entry}`);
  const body = value.subarray(HASH_BYTES);
  const hash = entryHash(tip.hash, body);
  if (!equalBytes(hash, value.subarray(0, HASH_BYTES))) throw damaged(`the chain breaks at ledger entry ${number}`);
  const entry = readEntry(body);
  const refused = entry.entry === number ? bookEntry(balances, entry) : 'it carries another number';
  if (refused !== null) throw damaged(`ledger entry ${number} cannot be booked: ${refused}`);
  tip.entry = number;
  tip.hash = hash;
  return entry;
}

/**
 * A recent charge must have its journal row. Without it the ticket would look new and could be charged again.
 *
 * @param replaced tickets whose row claims a later entry, until that entry is read
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
