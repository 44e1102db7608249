import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openHeadFile, replaceFile } from '@tributary/runtime';
import { openDatabase } from '@tributary/store';
import type { CheckpointFile, LedgerDisk } from './disk.ts';

/**
 * Files of a ledger: the database in `db/`, and beside it `head`, which says what was acknowledged, and `checkpoint`.
 */
export function ledgerFiles(directory: string): LedgerDisk {
  return {
    async openDatabase() {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return openDatabase(join(directory, 'db'));
    },
    openHead: () => openHeadFile(join(directory, 'head')),
    checkpoint: checkpointFile(join(directory, 'checkpoint')),
  };
}

function checkpointFile(path: string): CheckpointFile {
  return {
    async read() {
      try {
        return await readFile(path);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
    },
    write: (bytes) => replaceFile(path, bytes),
  };
}
