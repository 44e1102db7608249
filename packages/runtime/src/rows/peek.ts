import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect, FILES } from './connect.ts';
import { readMarker } from './marker.ts';
import { RowsError } from './rows-error.ts';
import { readCommit } from './writer.ts';

/**
 * The number of commits in a database that nobody has open, read through a connection that changes none of its files.
 *
 * @throws RowsError `damaged`, `disk`
 */
export function peekCommit(path: string, readOnly: boolean): bigint {
  // SQLite makes these to read, and leaves them to the next opening.
  const made = readOnly ? [] : [`${path}-wal`, `${path}-shm`].filter((file) => !existsSync(file));
  try {
    const database = connect(path, readOnly ? 'frozen' : 'read', { cacheKib: 64, waitMs: 0 });
    try {
      return readCommit(database);
    } finally {
      database.close();
    }
  } finally {
    for (const file of made) rmSync(file, { force: true });
  }
}

/**
 * Checks that a folder of rows that nobody has open holds every acknowledged commit, and changes none of its files:
 * SQLite drops the end of a damaged log without a word.
 *
 * @throws RowsError `damaged`, `disk`
 */
export function checkAcknowledged(directory: string, readOnly = false): void {
  const acknowledged = readMarker(join(directory, FILES.marker));
  if (peekCommit(join(directory, FILES.rows), readOnly) >= acknowledged) return;
  throw new RowsError('damaged', `${directory}: acknowledged writes are missing from the database`);
}
