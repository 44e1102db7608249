import { openRows, RowsError } from '@tributary/runtime';
import { ClientError } from '../errors.ts';

export type RowChange = { type: 'put'; key: string; value: string } | { type: 'del'; key: string };

/** Storage for the rows of a wallet: a database on disk, or a replacement in tests. */
export interface WalletDatabase {
  /** All rows, in any order. */
  load(): Promise<[key: string, value: string][]>;
  /**
   * Makes all of the changes or none. With `sync` they survive a power cut, without it a kill of the process. After a
   * failure either may be the case.
   */
  write(changes: RowChange[], options: { sync: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** Bounds of all keys: UTF-8 has no byte 0xff. */
const ALL = { gte: Buffer.of(0), lt: Buffer.of(0xff) };

/**
 * Opens the database in `directory`. Only one process at a time may hold it.
 *
 * @throws ClientError WALLET_DAMAGED
 */
export async function openWalletDatabase(directory: string): Promise<WalletDatabase> {
  const rows = await openRows(directory).catch((cause: unknown) => refuse(directory, cause));
  return {
    async load() {
      const all: [string, string][] = [];
      try {
        for await (const [key, value] of rows.scan(ALL)) all.push([key.toString(), value.toString()]);
      } catch (cause) {
        refuse(directory, cause);
      }
      return all;
    },
    write: (changes, options) =>
      rows.batch(
        changes.map((change) => ({
          key: Buffer.from(change.key),
          value: change.type === 'put' ? Buffer.from(change.value) : null,
        })),
        options,
      ),
    close: () => rows.close(),
  };
}

function refuse(directory: string, cause: unknown): never {
  const why =
    cause instanceof RowsError && cause.trouble === 'locked'
      ? 'another process holds it'
      : `its files are damaged or cannot be read (${cause instanceof Error ? cause.message : 'unknown'}); restore a backup`;
  throw new ClientError('WALLET_DAMAGED', `the wallet in ${directory} cannot be opened: ${why}`, { cause });
}
