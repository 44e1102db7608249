import { fromHex, toHex, viewOfLeaves, type MerkleTree } from '@tributary/proof/primitives';
import { StoreError } from '../errors.ts';
import type { DiskReader } from './database.ts';
import { pathsKey } from './keys.ts';

/**
 * The inclusion paths of up to {@link PATHS_TOGETHER} records in their write. Their lowest hashes follow from the
 * entries, the others are the same for all.
 */
export interface WritePaths {
  /** Hash of the write. */
  readonly write: Uint8Array;
  /** Entries whose records are still those of this write, one bit each. */
  live: number;
  /** Leaf hashes of the entries, one after the other. */
  readonly entries: Uint8Array;
  /** The rest of each path. */
  readonly upper: Uint8Array;
}

/** Where a record is in its write. */
export interface WritePlace {
  /** Sequence of the write. */
  readonly version: number;
  /** Position in it. */
  readonly writeIndex: number;
}

/** Entries of a write whose paths are in one row: a power of two, at most the bits of `live`. */
export const PATHS_TOGETHER = 16;
const HASH_BYTES = 32;
const HEAD_BYTES = HASH_BYTES + 2 + 1;

/** The paths of the entries from `first` on, which is a multiple of {@link PATHS_TOGETHER}. None of them is live. */
export function pathsFrom(tree: MerkleTree, first: number, write: string): WritePaths {
  const count = Math.min(PATHS_TOGETHER, tree.size - first);
  const entries = new Uint8Array(count * HASH_BYTES);
  for (let at = 0; at < count; at += 1) entries.set(tree.leaf(first + at), at * HASH_BYTES);
  // As many as a tree of these entries alone is high.
  const own = 32 - Math.clz32(count - 1);
  return { write: fromHex(write), live: 0, entries, upper: Buffer.concat(tree.path(first).slice(own)) };
}

const isLive = ({ live }: WritePaths, writeIndex: number): boolean => (live & bitOf(writeIndex)) !== 0;
export const markLive = (paths: WritePaths, writeIndex: number): void => void (paths.live |= bitOf(writeIndex));
export const markGone = (paths: WritePaths, writeIndex: number): void => void (paths.live &= ~bitOf(writeIndex));
const bitOf = (writeIndex: number): number => 1 << (writeIndex % PATHS_TOGETHER);

/** `hash of the write ‖ u16 live ‖ u8 number of entries ‖ entries ‖ upper`. */
export function encodePaths({ write, live, entries, upper }: WritePaths): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.set(write);
  head.writeUInt16BE(live, HASH_BYTES);
  head[HASH_BYTES + 2] = entries.length / HASH_BYTES;
  return Buffer.concat([head, entries, upper]);
}

/** The paths of the entries around a place; null when no record is left there. @throws StoreError STORE_DAMAGED */
export function readPaths(reader: Pick<DiskReader, 'get'>, { version, writeIndex }: WritePlace): WritePaths | null {
  const bytes = reader.get(pathsKey(version, groupOf(writeIndex)));
  if (bytes === undefined) return null;
  const end = HEAD_BYTES + (bytes[HASH_BYTES + 2] ?? 0) * HASH_BYTES;
  if (bytes.length < end || (bytes.length - end) % HASH_BYTES !== 0)
    throw new StoreError('STORE_DAMAGED', `the paths of write ${version} cannot be read: they are damaged; restore a backup`);
  return {
    write: bytes.subarray(0, HASH_BYTES),
    live: bytes.readUInt16BE(HASH_BYTES),
    entries: bytes.subarray(HEAD_BYTES, end),
    upper: bytes.subarray(end),
  };
}

export const groupOf = (writeIndex: number): number => Math.floor(writeIndex / PATHS_TOGETHER);

/** The hash of a record's write, hex, and its inclusion path in it. @throws StoreError STORE_DAMAGED */
export function readPlace(reader: Pick<DiskReader, 'get'>, place: WritePlace): { write: string; path: Uint8Array[] } {
  const paths = readPaths(reader, place);
  const at = place.writeIndex % PATHS_TOGETHER;
  if (paths === null || !isLive(paths, at))
    throw new StoreError('STORE_DAMAGED', `a record's path in write ${place.version} is missing; restore a backup`);
  return { write: toHex(paths.write), path: [...viewOfLeaves(paths.entries).path(at), ...hashesIn(paths.upper)] };
}

const hashesIn = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / HASH_BYTES }, (_, at) => bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
