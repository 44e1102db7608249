import { isReadOnly } from '../files.ts';

/** What is wrong with a folder of rows. Packages turn it into their own codes. */
export type RowsTrouble =
  /** Another process, or another part of this one, has the folder open. */
  | 'locked'
  /** What was acknowledged is not there, or not as it was written. */
  | 'damaged'
  /** There is nothing, and nothing may be created. */
  | 'missing'
  /** The disk refused. */
  | 'disk'
  /** The folder is on a file system that is read-only. */
  | 'read-only';

export class RowsError extends Error {
  readonly trouble: RowsTrouble;

  constructor(trouble: RowsTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RowsError';
    this.trouble = trouble;
  }
}

/** https://www.sqlite.org/rescode.html; the low byte is the primary code. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

const codeOf = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null;

export const isBusy = (error: unknown): boolean => [SQLITE_BUSY, SQLITE_LOCKED].includes(codeOf(error) ?? -1);

export const readOnlyError = (directory: string, cause?: unknown): RowsError =>
  new RowsError('read-only', `${directory} cannot be written: its file system is read-only`, { cause });

/** A damaged row does not know where it is. */
const placed = (error: RowsError, directory: string): RowsError =>
  error.message.includes(directory) ? error : new RowsError(error.trouble, `${directory}: ${error.message}`, { cause: error });

/** An error of SQLite or of the file system, in our words. */
export function toRowsError(error: unknown, directory: string): RowsError {
  if (error instanceof RowsError) return placed(error, directory);
  const detail = error instanceof Error ? error.message : 'unknown';
  const code = codeOf(error);
  if (code === SQLITE_READONLY || isReadOnly(error)) return readOnlyError(directory, error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB
    ? new RowsError('damaged', `${directory}: the database is damaged (${detail})`, { cause: error })
    : new RowsError('disk', `${directory}: the disk refused (${detail})`, { cause: error });
}
