import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { RowsError } from './rows-error.ts';

/**
 * The number of the last synced commit, in a file beside the database. It is written after the commit is on the disk,
 * so it is never ahead of what a sound database has: one that has less has lost acknowledged writes.
 */
export interface Marker {
  write(commit: bigint): void;
  close(): void;
}

const MAGIC = 'tribrows';
/** Copies are one page apart, so that a torn write damages only one of them. */
const COPY_STRIDE = 4_096;
const BODY_BYTES = 16;
const COPY_BYTES = BODY_BYTES + 4;

/** Two copies, written alternately, each `magic ‖ u64 commit ‖ CRC-32 of these`. */
export function openMarker(path: string): Marker {
  const file = openSync(path, 'r+');
  let copy = 0;
  return {
    write(commit) {
      copy = 1 - copy;
      const bytes = encode(commit);
      writeSync(file, bytes, 0, bytes.length, copy * COPY_STRIDE);
    },
    close: () => closeSync(file),
  };
}

/** The content of a marker's file with both copies for one commit. A new one has 0. */
export function markerBytes(commit = 0n): Buffer {
  const bytes = Buffer.alloc(COPY_STRIDE + COPY_BYTES);
  for (const copy of [0, 1]) encode(commit).copy(bytes, copy * COPY_STRIDE);
  return bytes;
}

/** @throws RowsError `damaged` when neither copy can be read */
export function readMarker(path: string): bigint {
  const file = openSync(path, 'r');
  try {
    const commits = [0, 1].map((copy) => readCopy(file, copy)).filter((commit) => commit !== null);
    const [newest] = commits.toSorted((a, b) => Number(b - a));
    if (newest !== undefined) return newest;
    throw new RowsError('damaged', `${path}: neither copy of the last acknowledged commit can be read`);
  } finally {
    closeSync(file);
  }
}

function encode(commit: bigint): Buffer {
  const bytes = Buffer.alloc(COPY_BYTES);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeBigUInt64BE(commit, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, BODY_BYTES)), BODY_BYTES);
  return bytes;
}

function readCopy(file: number, copy: number): bigint | null {
  const bytes = Buffer.alloc(COPY_BYTES);
  if (readSync(file, bytes, 0, COPY_BYTES, copy * COPY_STRIDE) < COPY_BYTES) return null;
  if (bytes.toString('latin1', 0, 8) !== MAGIC) return null;
  return bytes.readUInt32BE(BODY_BYTES) === crc32(bytes.subarray(0, BODY_BYTES)) ? bytes.readBigUInt64BE(8) : null;
}
