import type { Metadata, SparseVector } from '@tributary/schemas';
import { boughtBytesMax, boughtRecordsMax } from '../limits.ts';

/** A paid record of another owner. */
export interface BoughtRecord {
  id: string;
  /** Empty for a record with a sparse vector only. */
  vector: Float32Array;
  sparse?: SparseVector;
  fields: Metadata;
}

/** Where a record was bought, and by which key; null when the node has no keys. */
export interface BoughtPlace {
  key: string | null;
  index: string;
  namespace: string;
}

/** Records bought since the node started: the newest of all keys together. */
export interface Bought {
  keep(place: BoughtPlace, records: readonly BoughtRecord[]): void;
  /** The records that are still there, in the given order of ids. */
  get(place: BoughtPlace, ids: readonly string[]): BoughtRecord[];
}

export function createBought(recordsMax = boughtRecordsMax, bytesMax = boughtBytesMax): Bought {
  // A Map keeps insertion order, so the first entry is the oldest.
  const rows = new Map<string, { record: BoughtRecord; bytes: number }>();
  let held = 0;
  const drop = (name: string): void => {
    held -= rows.get(name)?.bytes ?? 0;
    rows.delete(name);
  };
  return {
    keep(place, records) {
      for (const record of records) {
        const name = nameOf(place, record.id);
        drop(name);
        const bytes =
          record.vector.byteLength +
          8 * (record.sparse?.indices.length ?? 0) +
          2 * (JSON.stringify(record.fields).length + name.length);
        rows.set(name, { record, bytes });
        held += bytes;
      }
      for (const name of rows.keys()) {
        if (rows.size <= recordsMax && held <= bytesMax) return;
        drop(name);
      }
    },
    get: (place, ids) => ids.flatMap((id) => rows.get(nameOf(place, id))?.record ?? []),
  };
}

/** None of the parts contains NUL. */
const nameOf = ({ key, index, namespace }: BoughtPlace, id: string): string => [key ?? '', index, namespace, id].join('\0');
