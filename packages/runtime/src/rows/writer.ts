import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { join } from 'node:path';
import { connect, FILES, LOG_BYTES } from './connect.ts';
import { openMarker } from './marker.ts';
import { openRow, packRows, unpackRows } from './row.ts';
import { toRowsError } from './rows-error.ts';

/** The one connection that writes. Its calls block, so it has a thread of its own. */
export interface Writer {
  /** @throws RowsError `disk`, `damaged` */
  batch(packed: Uint8Array, sync: boolean): void;
  /** Copies the log into the database and empties it. False while a snapshot still reads the log. */
  emptyLog(): boolean;
  close(): void;
}

const CACHE_KIB = 8_192;
/** There is no other writer, and emptying the log must not wait for readers here. */
const WAIT_MS = 0;

interface Open {
  database: DatabaseSync;
  put: StatementSync;
  remove: StatementSync;
  count: StatementSync;
  commit: bigint;
  sync: boolean;
}

export function openWriter(directory: string): Writer {
  const marker = openMarker(join(directory, FILES.marker));
  let open: Open | null = null;

  const opened = (): Open => (open ??= openConnection(directory));
  /** After a failed call, only the disk knows what it holds. */
  const failed = (error: unknown): never => {
    try {
      open?.database.close();
    } catch {
      // Nothing more can be done with it.
    }
    open = null;
    throw toRowsError(error, directory);
  };
  return {
    batch(packed, sync) {
      try {
        const commit = write(opened(), packed, sync);
        if (sync) marker.write(commit);
      } catch (error) {
        failed(error);
      }
    },
    emptyLog() {
      try {
        return opened().database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;
      } catch (error) {
        return failed(error);
      }
    },
    close() {
      marker.close();
      open?.database.close();
      open = null;
    },
  };
}

function openConnection(directory: string): Open {
  const database = connect(join(directory, FILES.rows), 'write', { cacheKib: CACHE_KIB, waitMs: WAIT_MS });
  const { page_size: pageBytes } = database.prepare('PRAGMA page_size').get() as { page_size: number };
  const pages = Math.floor(LOG_BYTES / pageBytes);
  database.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${pages}; PRAGMA journal_size_limit = ${4 * LOG_BYTES};`);
  return {
    database,
    put: database.prepare('INSERT INTO rows (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'),
    remove: database.prepare('DELETE FROM rows WHERE key = ?'),
    count: database.prepare(
      'INSERT INTO commits (one, number) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET number = excluded.number',
    ),
    commit: readCommit(database),
    sync: true,
  };
}

/** What the checksum of the number of commits covers beside it. */
const COMMITS = Buffer.from('commits');

/** The number of commits so far. @throws RowsError `damaged` */
export function readCommit(database: DatabaseSync): bigint {
  const row = database.prepare('SELECT number FROM commits').get();
  return row === undefined ? 0n : openRow(COMMITS, row['number']).readBigUInt64BE();
}

function sealCommit(commit: bigint): Uint8Array {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(commit);
  const [row] = unpackRows(packRows([{ key: COMMITS, value: number }]));
  return row!.stored!;
}

function write(open: Open, packed: Uint8Array, sync: boolean): bigint {
  const { database, put, remove, count } = open;
  if (open.sync !== sync) {
    // NORMAL leaves the log unsynced: a kill of the process loses nothing, a power cut may (sqlite.org/pragma.html).
    database.exec(`PRAGMA synchronous = ${sync ? 'FULL' : 'NORMAL'}`);
    open.sync = sync;
  }
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const { key, stored } of unpackRows(packed)) {
      if (stored === null) remove.run(key);
      else put.run(key, stored);
    }
    count.run(sealCommit(open.commit + 1n));
    database.exec('COMMIT');
  } catch (error) {
    // SQLite has ended the transaction itself after most errors.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
  open.commit += 1n;
  return open.commit;
}
