import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/**
 * Vectors in a file, each at its slot, as little-endian float32 values. It is a cache: nothing is synced, so a reader
 * compares what it gets.
 */
export interface VectorFile {
  /** False when the file has not all of it. */
  read(slot: number, into: Float32Array): boolean;
  /** False when the disk refuses it. */
  write(slot: number, vector: Float32Array): boolean;
  close(): void;
}

/** Bytes read at once when slots are read in order. */
const AHEAD_BYTES = 262_144;

/** @throws Error when the file can be neither opened nor made */
export function openVectorFile(path: string, dimension: number): VectorFile {
  const file = openAny(path);
  const rowBytes = 4 * dimension;
  const ahead = new Uint8Array(Math.max(1, Math.floor(AHEAD_BYTES / rowBytes)) * rowBytes);
  let aheadFrom = 0;
  let aheadRows = 0;
  let last = -2;
  return {
    read(slot, into) {
      const bytes = bytesOf(into);
      const inOrder = slot === last + 1;
      last = slot;
      if (inOrder && (slot < aheadFrom || slot >= aheadFrom + aheadRows)) {
        aheadFrom = slot;
        aheadRows = Math.floor(fill(file, ahead, slot * rowBytes) / rowBytes);
      }
      if (slot < aheadFrom || slot >= aheadFrom + aheadRows) return fill(file, bytes, slot * rowBytes) === rowBytes;
      const at = (slot - aheadFrom) * rowBytes;
      bytes.set(ahead.subarray(at, at + rowBytes));
      return true;
    },
    write(slot, vector) {
      if (slot >= aheadFrom && slot < aheadFrom + aheadRows) aheadRows = 0;
      const bytes = bytesOf(vector);
      try {
        for (let done = 0; done < bytes.length;)
          done += writeSync(file, bytes, done, bytes.length - done, slot * rowBytes + done);
        return true;
      } catch {
        return false;
      }
    },
    close: () => closeSync(file),
  };
}

/** On a file system that cannot be written, for reading. */
function openAny(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? openSync(path, 'w+', 0o600) : openSync(path, 'r');
  }
}

/** Reads as much as there is, and returns how much. */
function fill(file: number, into: Uint8Array, position: number): number {
  let done = 0;
  try {
    for (let read = 1; read > 0 && done < into.length; done += read)
      read = readSync(file, into, done, into.length - done, position + done);
  } catch {
    // What cannot be read is not there.
  }
  return done;
}

const bytesOf = (vector: Float32Array): Uint8Array => new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
