import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { faultOf } from './structure/fault-of.ts';
import { connect, FILES } from './connect.ts';
import { readMarker } from './marker.ts';
import { hiddenRows, isSuspect } from './structure/health.ts';
import { RowsError } from './rows-error.ts';
import { totalBytes } from './sizes.ts';
import { readCommit } from './writer.ts';

/**
 * Most bytes of a database, with its log, whose structure is checked at each opening: some 0.1 s.
 *
 * @internal exported for its tests
 */
export const STRUCTURE_BYTES = 16 * 1_048_576;

/**
 * The number of commits in a database that nobody has open.
 *
 * @throws RowsError `damaged`, `disk`
 */
export const peekCommit = (path: string, readOnly: boolean): bigint => peek(path, readOnly, readCommit);

/** Reads a database that nobody has open, through a connection that changes none of its files. */
function peek<Found>(path: string, readOnly: boolean, read: (database: DatabaseSync) => Found): Found {
  // SQLite makes these to read, and leaves them to the next opening.
  const made = readOnly ? [] : [`${path}-wal`, `${path}-shm`].filter((file) => !existsSync(file));
  try {
    const database = connect(path, readOnly ? 'frozen' : 'read', { cacheKib: 4_096, waitMs: 0 });
    try {
      return read(database);
    } finally {
      database.close();
    }
  } finally {
    for (const file of made) rmSync(file, { force: true });
  }
}

/**
 * Checks a folder of rows that nobody has open, and changes none of its files. It must hold every acknowledged commit:
 * SQLite drops the end of a damaged log without a word. And the structure of a database up to {@link STRUCTURE_BYTES},
 * or of one in which a sweep found damage, must be sound: a changed byte in SQLite's index of the keys hides rows
 * without a word.
 *
 * @throws RowsError `damaged`, `disk`
 */
export function checkRowsFolder(directory: string, readOnly = false): void {
  const acknowledged = readMarker(join(directory, FILES.marker));
  const path = join(directory, FILES.rows);
  peek(path, readOnly, (database) => {
    if (readCommit(database) < acknowledged)
      throw new RowsError('damaged', `${directory}: acknowledged writes are missing from the database`);
    const fault = isLarge(path) && !isSuspect(directory) ? null : faultOf(database);
    if (fault !== null) throw hiddenRows(directory, fault);
  });
}

/** Whether an opening does not wait for the check of the structure. */
export const isLarge = (path: string): boolean => totalBytes(path) > STRUCTURE_BYTES;
