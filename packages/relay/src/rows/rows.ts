import { createHash } from 'node:crypto';
import { TributaryError } from '@tributary/schemas';
import type { Database, DiskOperation } from '@tributary/store';
import type { z } from 'zod';

const HASH_BYTES = 32;

/** Rows of one kind. All of them are in memory. A change is visible once it is on disk. */
export interface Table<Row> {
  get(id: string): Row | undefined;
  /** In the order of their ids. */
  all(): Row[];
  readonly size: number;
  put(id: string, row: Row): RowChange;
  drop(id: string): RowChange;
}

/** A change of one row, to be written together with others. */
export interface RowChange {
  operation: DiskOperation;
  apply(): void;
}

/**
 * Reads the rows whose keys have this prefix.
 *
 * @throws TributaryError STORE_DAMAGED
 */
export async function openTable<Row>(
  database: Pick<Database, 'scan'>,
  prefix: string,
  schema: z.ZodType<Row>,
): Promise<Table<Row>> {
  const rows = new Map<string, Row>();
  // ':' ends every prefix, and ';' is the character after it.
  const range = { gte: Buffer.from(`${prefix}:`), lt: Buffer.from(`${prefix};`) };
  for await (const [key, value] of database.scan(range)) {
    rows.set(key.toString().slice(prefix.length + 1), readRow(key.toString(), value, schema));
  }
  const keyOf = (id: string): Buffer => Buffer.from(`${prefix}:${id}`);
  return {
    get: (id) => rows.get(id),
    all: () => [...rows.values()],
    get size() {
      return rows.size;
    },
    put: (id, row) => ({ operation: { key: keyOf(id), value: writeRow(row) }, apply: () => void rows.set(id, row) }),
    drop: (id) => ({ operation: { key: keyOf(id), value: null }, apply: () => void rows.delete(id) }),
  };
}

/**
 * Writes changes together, one group after another. They are visible once they are on disk.
 *
 * @throws StoreError DISK_WRITE
 */
export type WriteRows = (changes: readonly RowChange[]) => Promise<void>;

export function createWriter(database: Pick<Database, 'batch'>): WriteRows {
  let last: Promise<unknown> = Promise.resolve();
  return (changes) => {
    const written = last.then(async () => {
      await database.batch(changes.map(({ operation }) => operation));
      for (const change of changes) change.apply();
    });
    last = written.catch(() => undefined);
    return written;
  };
}

function writeRow(row: unknown): Uint8Array {
  const json = Buffer.from(JSON.stringify(row));
  return Buffer.concat([createHash('sha256').update(json).digest(), json]);
}

function readRow<Row>(key: string, value: Buffer, schema: z.ZodType<Row>): Row {
  const json = value.subarray(HASH_BYTES);
  const hash = createHash('sha256').update(json).digest();
  if (hash.equals(value.subarray(0, HASH_BYTES))) {
    const read = schema.safeParse(JSON.parse(json.toString()));
    if (read.success) return read.data;
  }
  throw new TributaryError('STORE_DAMAGED', `the row ${key} was changed on disk; restore the data folder from a backup`);
}
