import type { DatabaseSync } from 'node:sqlite';
import type { Health } from './structure/health.ts';
import { columnBytes, openRow } from './row.ts';
import { toRowsError } from './rows-error.ts';
import type { RowRange } from './types.ts';

/** Most rows that one step of a scan reads. The event loop turns between steps. */
const SCAN_ROWS = 1_000;
/** Most bytes of values that one step aims at. */
const SCAN_BYTES = 1_048_576;

/** Reads through one connection. */
export interface ConnectionReader {
  get(key: Buffer): Buffer | undefined;
  /** The next rows of a range; fewer than asked for when they are long. Empty at the end. */
  next(range: RowRange, limit: number): [Buffer, Buffer][];
}

/** @param health is asked before each read */
export function createReader(database: DatabaseSync, directory: string, health: Pick<Health, 'check'>): ConnectionReader {
  const one = database.prepare('SELECT value FROM rows WHERE key = ?');
  const some = database.prepare('SELECT key, value FROM rows WHERE key >= ? AND key < ? ORDER BY key LIMIT ?');
  /** Rows of the last step, so that long ones are read in small steps. */
  let step = 16;
  return {
    get(key) {
      health.check();
      try {
        const found = one.get(key);
        return found === undefined ? undefined : openRow(key, found['value']);
      } catch (error) {
        throw toRowsError(error, directory);
      }
    },
    next({ gte, lt }, limit) {
      health.check();
      try {
        let bytes = 0;
        const rows = some.all(gte, lt, Math.min(limit, step)).map((row): [Buffer, Buffer] => {
          const key = columnBytes(row['key'], 'the key of a row');
          const value = openRow(key, row['value']);
          bytes += value.length;
          return [key, value];
        });
        step = bytes > SCAN_BYTES ? Math.max(1, step >> 1) : Math.min(SCAN_ROWS, step * 2);
        return rows;
      } catch (error) {
        throw toRowsError(error, directory);
      }
    },
  };
}

/** All rows of a range, in steps. */
export async function* scanWith(
  reader: ConnectionReader,
  { gte, lt }: RowRange,
  limit: number,
): AsyncGenerator<[Buffer, Buffer]> {
  let from = gte;
  for (let left = limit; left > 0;) {
    const rows = reader.next({ gte: from, lt }, left);
    if (rows.length === 0) return;
    left -= rows.length;
    // The smallest key above the last one.
    from = Buffer.concat([rows.at(-1)![0], Buffer.of(0)]);
    yield* rows;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
