import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isBusy, RowsError, toRowsError } from './rows-error.ts';

/**
 * Takes the folder for this opening: an exclusive lock of SQLite on a file without content. It also refuses a second
 * opening within this process, and ends with the process.
 *
 * @returns releases it
 * @throws RowsError `locked`, `disk`
 */
export function takeLock(path: string): () => void {
  closeSync(openSync(path, 'a', 0o600)); // SQLite would let others read it
  const lock = new DatabaseSync(path);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE;');
    return () => lock.close();
  } catch (error) {
    lock.close();
    throw isBusy(error) ? new RowsError('locked', `${path} is held by another opening`) : toRowsError(error, path);
  }
}
