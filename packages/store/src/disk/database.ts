import {
  openRows,
  RowsError,
  type RowOperation,
  type RowReader,
  type Rows,
  type RowSnapshot,
  type RowsOptions,
} from '@tributary/runtime';
import { StoreError } from '../errors.ts';

export type { RowOperation as DiskOperation, RowReader as DiskReader, RowSnapshot as DiskSnapshot };

/**
 * The ordered key-value store below an index. Its errors are those of the store. Tests replace it with a faulty one.
 */
export type Database = Rows;

/**
 * Opens the database in `directory`.
 *
 * @throws StoreError STORE_LOCKED when it is open already, STORE_DAMAGED, DISK_WRITE, READ_ONLY
 */
export async function openDatabase(
  directory: string,
  options: Pick<RowsOptions, 'create' | 'pageBytes'> = {},
): Promise<Database> {
  const rows = await openRows(directory, options).catch(refuse);
  return {
    ...withStoreErrors(rows),
    readOnly: rows.readOnly,
    batch: (operations, options) => rows.batch(operations, options).catch(refuse),
    snapshot() {
      const snapshot = attempt(() => rows.snapshot());
      return { ...withStoreErrors(snapshot), hold: () => snapshot.hold(), close: () => snapshot.close() };
    },
    copyLog: () => rows.copyLog().catch(refuse),
    purge: (renew) => rows.purge(renew).catch(refuse),
    checkStructure: () => rows.checkStructure(),
    fault: () => rows.fault(),
    close: () => rows.close().catch(refuse),
  };
}

const withStoreErrors = (reader: RowReader): RowReader => ({
  get: (key) => attempt(() => reader.get(key)),
  async *scan(range, limit) {
    try {
      yield* reader.scan(range, limit);
    } catch (error) {
      refuse(error);
    }
  },
});

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  if (!(error instanceof RowsError)) throw error;
  const { trouble, message } = error;
  if (trouble === 'read-only') throw new StoreError('READ_ONLY', message, { cause: error });
  if (trouble === 'locked')
    throw new StoreError('STORE_LOCKED', `${message}; stop the process that has it open, or use the running node`, {
      cause: error,
    });
  if (trouble === 'disk')
    throw new StoreError('DISK_WRITE', `${message}; nothing was acknowledged; free space or check the disk`, { cause: error });
  throw new StoreError('STORE_DAMAGED', `${message}; restore a backup`, { cause: error });
}
