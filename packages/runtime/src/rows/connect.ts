import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { toRowsError, RowsError } from './rows-error.ts';

/** The files of a folder of rows. SQLite adds `rows-wal` and `rows-shm` while it is open. */
export const FILES = { rows: 'rows', marker: 'acknowledged', lock: 'lock', suspect: 'suspect' } as const;
/** Size of the log at which it is copied into the database, in bytes. */
export const LOG_BYTES = 16 * 1_048_576;
/** `trbr`: says that a SQLite file is ours. */
const APPLICATION_ID = 0x74_72_62_72;
const SCHEMA_VERSION = 1;

export interface ConnectOptions {
  /** Page cache of the connection, in KiB. */
  cacheKib: number;
  /** How long a call waits for a lock of another connection, in milliseconds. */
  waitMs: number;
}

/** Creates an empty database in a file that exists and has no bytes. */
export function createDatabase(path: string, pageBytes: number): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION};
      CREATE TABLE rows (key BLOB NOT NULL UNIQUE, value BLOB NOT NULL) STRICT;
      CREATE TABLE commits (one INTEGER PRIMARY KEY CHECK (one = 1), number BLOB NOT NULL) STRICT;`);
  } finally {
    database.close();
  }
}

/**
 * How a database is opened: `frozen` for one that nobody writes while it is open, on a file system that is read-only.
 */
export type ConnectMode = 'write' | 'read' | 'frozen';

/** @throws RowsError `damaged` when the file is not a database of this version */
export function connect(path: string, mode: ConnectMode, { cacheKib, waitMs }: ConnectOptions): DatabaseSync {
  const place = mode === 'frozen' ? frozenAddress(path) : path;
  const database = new DatabaseSync(place, { readOnly: mode !== 'write', timeout: waitMs });
  try {
    if (mode === 'frozen') database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec(`PRAGMA cache_size = ${-cacheKib}; PRAGMA secure_delete = ON;`);
    const number = (pragma: string): unknown => database.prepare(`PRAGMA ${pragma}`).get()?.[pragma];
    if (number('application_id') === APPLICATION_ID && number('user_version') === SCHEMA_VERSION) return database;
    throw new RowsError('damaged', `${path} is not a database of this version`);
  } catch (error) {
    database.close();
    throw toRowsError(error, path);
  }
}

/**
 * Where SQLite finds a database without writing anything beside it. After a clean stop there is no log, and the file is
 * all. After a kill the log has rows that the file lacks: SQLite reads it with an index in memory, which it does for a
 * connection that is alone. The lock of the folder keeps writers away, so SQLite's own locks are left out.
 */
function frozenAddress(path: string): string {
  const log = `${path}-wal`;
  const how = existsSync(log) && statSync(log).size > 0 ? 'mode=ro&vfs=unix-none' : 'immutable=1';
  return `${pathToFileURL(path).href}?${how}`;
}
