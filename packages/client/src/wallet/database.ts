import { ClassicLevel } from 'classic-level';
import { ClientError } from '../errors.ts';

export type RowChange = { type: 'put'; key: string; value: string } | { type: 'del'; key: string };

/** Storage for the rows of a wallet: a Level database, or a replacement in tests. */
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

/**
 * Opens the Level database in `directory`. Only one process at a time may hold it.
 *
 * @throws ClientError WALLET_DAMAGED
 */
export async function openLevelDatabase(directory: string): Promise<WalletDatabase> {
  const db = new ClassicLevel<string, string>(directory, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  try {
    await db.open();
  } catch (cause) {
    throw new ClientError(
      'WALLET_DAMAGED',
      `the wallet in ${directory} cannot be opened: another process holds it, or its files are damaged`,
      { cause },
    );
  }
  return {
    load: () => db.iterator().all(),
    write: (changes, options) => db.batch(changes, options),
    close: () => db.close(),
  };
}
