/** The part of a result that no snapshot changes, as bytes of the answer. */
export interface EncodedRecord {
  readonly version: number;
  /** From `"commitments"` to the opening bracket of `"path"`. */
  readonly before: Uint8Array;
  /** From the closing bracket of `"path"` to the end of the result. */
  readonly after: Uint8Array;
  /** UTF-8 bytes of the text. */
  readonly textBytes: number;
}

/** Encoded records by slot, bounded in bytes; the least recently used one goes first. */
export interface ResultCache {
  get(slot: number): EncodedRecord | undefined;
  set(slot: number, record: EncodedRecord): void;
  delete(slot: number): void;
  clear(): void;
  readonly bytes: number;
}

/** Memory of an entry beside its bytes, roughly. */
const ENTRY_BYTES = 200;

export function createResultCache(bytesMax: number): ResultCache {
  // A Map keeps the order of insertion; reading moves an entry to the end.
  const entries = new Map<number, EncodedRecord>();
  let bytes = 0;
  const remove = (slot: number) => {
    const entry = entries.get(slot);
    if (entry === undefined) return;
    entries.delete(slot);
    bytes -= sizeOf(entry);
  };
  return {
    get(slot) {
      const entry = entries.get(slot);
      if (entry !== undefined) {
        entries.delete(slot);
        entries.set(slot, entry);
      }
      return entry;
    },
    set(slot, record) {
      remove(slot);
      if (sizeOf(record) > bytesMax) return;
      entries.set(slot, record);
      bytes += sizeOf(record);
      for (const oldest of entries.keys()) {
        if (bytes <= bytesMax) break;
        remove(oldest);
      }
    },
    delete: remove,
    clear() {
      entries.clear();
      bytes = 0;
    },
    get bytes() {
      return bytes;
    },
  };
}

const sizeOf = (record: EncodedRecord): number => record.before.length + record.after.length + ENTRY_BYTES;
