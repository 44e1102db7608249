import type { KeptRows } from '../kept/rows.ts';

/** Rows in memory, which stay when they are closed: the disk of a simulated machine. */
export function memoryRows(rows = new Map<string, Buffer>()): KeptRows {
  return {
    get: (key) => rows.get(key.toString('latin1')),
    async *scan({ gte, lt }) {
      for (const name of [...rows.keys()].toSorted()) {
        const key = Buffer.from(name, 'latin1');
        if (Buffer.compare(key, gte) >= 0 && Buffer.compare(key, lt) < 0) yield [key, rows.get(name)!];
      }
    },
    async batch(operations) {
      for (const { key, value } of operations) {
        if (value === null) rows.delete(key.toString('latin1'));
        else rows.set(key.toString('latin1'), Buffer.from(value));
      }
    },
    close: async () => undefined,
  };
}
