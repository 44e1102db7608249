import { existsSync, rmSync } from 'node:fs';
import { connect } from './connect.ts';
import { readCommit } from './writer.ts';

/**
 * The number of commits in a database that nobody has open, read through a connection that changes none of its files.
 *
 * @throws RowsError `damaged`, `disk`
 */
export function peekCommit(path: string): bigint {
  // SQLite makes these to read, and leaves them to the next opening.
  const made = [`${path}-wal`, `${path}-shm`].filter((file) => !existsSync(file));
  try {
    const database = connect(path, true, { cacheKib: 64, waitMs: 0 });
    try {
      return readCommit(database);
    } finally {
      database.close();
    }
  } finally {
    for (const file of made) rmSync(file, { force: true });
  }
}
