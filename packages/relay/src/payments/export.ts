import { fromUtf8, toHex } from '@tributary/proof';
import type { LedgerDatabase } from './disk.ts';
import { entryKey } from './keys.ts';

const HASH_BYTES = 32;

/**
 * Entries `first` to `last` as lines `{"hash":…,"entry":…}`; the entry is its exact text, so that whoever reads the lines can follow the
 * chain and check the vouchers.
 */
export async function* exportEntries(database: LedgerDatabase, first: number, last: number): AsyncGenerator<string> {
  for await (const [, value] of database.scan({ gte: entryKey(first), lt: entryKey(last + 1) })) {
    yield `{"hash":"${toHex(value.subarray(0, HASH_BYTES))}","entry":${fromUtf8(value.subarray(HASH_BYTES))}}`;
  }
}
