import { equalBytes, fromUtf8, toHex } from '@tributary/proof/primitives';
import { damaged, type LedgerDatabase } from './disk.ts';
import { entryHash, HASH_BYTES, readEntry, type LedgerEntry } from './entries.ts';
import { entryKey, numberInKey } from './keys.ts';

/**
 * Reads one entry from the database.
 *
 * @throws RelayError LEDGER_DAMAGED
 */
export function entryAt(database: LedgerDatabase, number: number): LedgerEntry {
  const value = database.get(entryKey(number));
  if (value === undefined) throw damaged(`ledger entry ${number} is missing`);
  return readEntry(value.subarray(HASH_BYTES));
}

/** True when the database holds this entry and the hash follows from its body and the previous hash. */
export function holdsEntry(database: LedgerDatabase, { entry, hash }: { entry: number; hash: Uint8Array }): boolean {
  const value = database.get(entryKey(entry));
  const before = entry === 1 ? Buffer.alloc(HASH_BYTES) : database.get(entryKey(entry - 1));
  if (value === undefined || before === undefined) return false;
  const made = entryHash(before.subarray(0, HASH_BYTES), value.subarray(HASH_BYTES));
  return equalBytes(made, hash) && equalBytes(hash, value.subarray(0, HASH_BYTES));
}

/**
 * Entries `first` to `last` as lines `{"hash":…,"entry":…}`. The entry is its exact text, so that a reader can follow
 * the chain and check the vouchers.
 *
 * @throws RelayError LEDGER_DAMAGED when one of them is missing
 */
export async function* exportEntries(database: LedgerDatabase, first: number, last: number): AsyncGenerator<string> {
  let next = first;
  for await (const [key, value] of database.scan({ gte: entryKey(first), lt: entryKey(last + 1) })) {
    if (numberInKey(key) !== next) break;
    next += 1;
    yield `{"hash":"${toHex(value.subarray(0, HASH_BYTES))}","entry":${fromUtf8(value.subarray(HASH_BYTES))}}`;
  }
  if (next <= last) throw damaged(`ledger entry ${next} is missing`);
}
