import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isReadOnly } from '../files.ts';
import { isBusy, RowsError, toRowsError } from './rows-error.ts';

/** A folder that this opening holds. */
export interface Lock {
  /** True where the folder cannot be written: others may read it too, and nobody may write it. */
  readonly readOnly: boolean;
  release(): void;
}

/**
 * Takes the folder for this opening: an exclusive lock of SQLite on a file without content. It also refuses a second
 * opening within this process, and ends with the process. On a file system that is read-only the lock is shared: it
 * keeps out whoever writes the same folder through another mount.
 *
 * @throws RowsError `locked`, `disk`
 */
export function takeLock(path: string): Lock {
  const readOnly = !isWritable(path);
  // A copy may come without its lock. No other mount has one to hold then, either.
  if (readOnly && !existsSync(path)) return { readOnly, release: () => undefined };
  const lock = new DatabaseSync(path, { readOnly });
  try {
    lock.exec(readOnly ? 'BEGIN; SELECT COUNT(*) FROM sqlite_schema;' : 'PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE;');
    return { readOnly, release: () => lock.close() };
  } catch (error) {
    lock.close();
    throw isBusy(error) ? new RowsError('locked', `${path} is held by another opening`) : toRowsError(error, path);
  }
}

/** Makes the file of the lock where it can. SQLite would let others read it. */
function isWritable(path: string): boolean {
  try {
    closeSync(openSync(path, 'a', 0o600));
    return true;
  } catch (error) {
    if (isReadOnly(error)) return false;
    throw error;
  }
}
