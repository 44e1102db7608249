import type { DatabaseSync } from 'node:sqlite';
import type { Health } from './structure/health.ts';
import { createReader, scanWith, type ConnectionReader } from './reader.ts';
import { toRowsError } from './rows-error.ts';
import type { RowSnapshot } from './types.ts';

interface Pooled {
  database: DatabaseSync;
  reader: ConnectionReader;
  /** Number of the commit that its snapshot shows; null when it is idle. */
  commit: number | null;
}

/** Snapshots of a database: read transactions, each on a connection of its own. */
export interface Snapshots {
  /** @param commit number of the last commit */
  take(commit: number): RowSnapshot;
  /**
   * Begins the snapshots of the last commit anew, with the same rows. They read the database then, not its log. To be
   * called while nobody writes.
   */
  renew(commit: number): void;
  /** Resolves when the snapshots that are closed now are not held any more. */
  released(): Promise<void>;
  /** Ends all, held ones too. */
  close(): void;
}

/** SQLite takes the snapshot with the first read. */
const BEGIN = 'BEGIN; SELECT 1 FROM rows LIMIT 1;';

/** @param open opens a connection for reading */
export function createSnapshots(open: () => DatabaseSync, directory: string, health: Pick<Health, 'check'>): Snapshots {
  const all = new Set<Pooled>();
  const idle: Pooled[] = [];
  const retired = new Set<Promise<void>>();

  const connected = (): Pooled => {
    const database = open();
    const pooled = { database, reader: createReader(database, directory, health), commit: null };
    all.add(pooled);
    return pooled;
  };
  const forget = (pooled: Pooled): void => {
    all.delete(pooled);
    if (pooled.database.isOpen) pooled.database.close();
  };
  const begin = (commit: number): Pooled => {
    const pooled = idle.pop() ?? connected();
    try {
      pooled.database.exec(BEGIN);
      pooled.commit = commit;
      return pooled;
    } catch (error) {
      forget(pooled);
      throw toRowsError(error, directory);
    }
  };
  const end = (pooled: Pooled): void => {
    if (!all.has(pooled)) return;
    pooled.commit = null;
    try {
      pooled.database.exec('COMMIT');
      idle.push(pooled);
    } catch {
      forget(pooled); // ends its transaction as well
    }
  };
  const retire = (gone: Promise<void>): void => {
    retired.add(gone);
    void gone.then(() => retired.delete(gone));
  };

  return {
    take(commit) {
      const pooled = begin(commit);
      return snapshotOf(pooled.reader, () => end(pooled), retire);
    },
    renew(commit) {
      for (const { database, commit: shown } of all) if (shown === commit) database.exec(`COMMIT; ${BEGIN}`);
    },
    released: () => Promise.all(retired).then(() => undefined),
    close: () => all.forEach(forget),
  };
}

/**
 * @param end is called once the snapshot is closed and nobody holds it
 * @param retire gets a promise of that when the snapshot is closed
 */
function snapshotOf(reader: ConnectionReader, end: () => void, retire: (gone: Promise<void>) => void): RowSnapshot {
  const gone = Promise.withResolvers<void>();
  let users = 1;
  const release = (): void => {
    users -= 1;
    if (users > 0) return;
    end();
    gone.resolve();
  };
  const hold = (): (() => void) => {
    users += 1;
    return release;
  };
  return {
    get: (key) => reader.get(key),
    async *scan(range, limit = Infinity) {
      const done = hold();
      try {
        yield* scanWith(reader, range, limit);
      } finally {
        done();
      }
    },
    hold,
    close() {
      retire(gone.promise);
      release();
    },
  };
}
