import type { Head, HeadFile } from '@tributary/runtime';
import type { DiskOperation } from '@tributary/store';
import type { LedgerDatabase, LedgerDisk } from '../../src/ledger/disk.ts';

/** Files of a ledger in memory: the same chain by the same rules. Opening again finds what was written. */
export function memoryDisk(): LedgerDisk {
  const rows = new Map<string, Buffer>();
  const head: { value: Head | null } = { value: null };
  const checkpoint: { bytes: Uint8Array | null } = { bytes: null };
  return {
    openDatabase: () => Promise.resolve(databaseOf(rows)),
    openHead: () => Promise.resolve(headOf(head)),
    checkpoint: {
      read: () => Promise.resolve(checkpoint.bytes),
      write(bytes) {
        checkpoint.bytes = Uint8Array.from(bytes);
        return Promise.resolve();
      },
    },
  };
}

function databaseOf(rows: Map<string, Buffer>): LedgerDatabase {
  return {
    readOnly: false,
    get: (key) => rows.get(key.toString('hex')),
    async *scan({ gte, lt }, limit = Infinity) {
      const [from, to] = [gte.toString('hex'), lt.toString('hex')];
      const keys = [...rows.keys()].filter((key) => key >= from && key < to).toSorted();
      for (const key of keys.slice(0, limit)) {
        const value = rows.get(key);
        if (value !== undefined) yield [Buffer.from(key, 'hex'), value];
      }
    },
    batch(operations: DiskOperation[]) {
      for (const { key, value } of operations) {
        if (value === null) rows.delete(key.toString('hex'));
        else rows.set(key.toString('hex'), Buffer.from(value));
      }
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

function headOf(head: { value: Head | null }): HeadFile {
  const put = (value: Head): Promise<void> => {
    head.value = { ...value };
    return Promise.resolve();
  };
  return {
    read: () => Promise.resolve(head.value),
    write: put,
    put,
    sync: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
