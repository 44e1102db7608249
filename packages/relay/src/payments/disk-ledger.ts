import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase, openHeadFile } from '@tributary/store';
import type { LedgerDisk } from './disk.ts';
import type { Ledger } from './ledger.ts';
import { openLedger, type LedgerOptions } from './open-ledger.ts';

/** Files of a ledger: the database in `db/`, and apart from it the `head` that says what was acknowledged. */
export function ledgerFiles(directory: string): LedgerDisk {
  return {
    async openDatabase() {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return openDatabase(join(directory, 'db'));
    },
    openHead: () => openHeadFile(join(directory, 'head')),
  };
}

/** Opens the ledger in `directory` (`<data>/ledger`), made on first use. @throws as {@link openLedger} */
export function openDiskLedger(directory: string, options: Omit<LedgerOptions, 'disk'>): Promise<Ledger> {
  return openLedger({ ...options, disk: ledgerFiles(directory) });
}
