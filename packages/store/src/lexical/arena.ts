import { growUint16, growUint32, growUint8 } from '../slots/grow.ts';

/**
 * Posting lists of documents and counts in two flat arrays. Each list owns a block of a power of two; a list that
 * outgrows its block moves to one of twice the size, and the old one is reused. Documents of a list ascend. A count of
 * 0 marks a document that was removed.
 */
export interface Arena {
  documents: Uint32Array;
  counts: Uint16Array;
  /** Entries handed out in blocks. */
  used: number;
  /** First entry of each list. */
  starts: Uint32Array;
  /** Entries of each list, removed ones included. */
  lengths: Uint32Array;
  /** Entries of each list that are not removed: the document frequency of its term. */
  alive: Uint32Array;
  /** The same without entries of records that are not for sale. */
  sold: Uint32Array;
  /** Size of each list's block, as a power of two. */
  sizes: Uint8Array;
  lists: number;
  readonly freeLists: number[];
  /** Free blocks by size. */
  readonly freeBlocks: number[][];
}

const SMALLEST_BLOCK = 1;
/** Largest count that an entry holds. No text of a record comes near it (recordTextBytesMax). */
const COUNT_MAX = 65_535;

export function createArena(): Arena {
  return {
    documents: new Uint32Array(1_024),
    counts: new Uint16Array(1_024),
    used: 0,
    starts: new Uint32Array(64),
    lengths: new Uint32Array(64),
    alive: new Uint32Array(64),
    sold: new Uint32Array(64),
    sizes: new Uint8Array(64),
    lists: 0,
    freeLists: [],
    freeBlocks: [],
  };
}

/** A new empty list. */
export function openList(arena: Arena): number {
  const list = arena.freeLists.pop() ?? arena.lists++;
  arena.starts = growUint32(arena.starts, list);
  arena.lengths = growUint32(arena.lengths, list);
  arena.alive = growUint32(arena.alive, list);
  arena.sold = growUint32(arena.sold, list);
  arena.sizes = growUint8(arena.sizes, list);
  arena.starts[list] = takeBlock(arena, SMALLEST_BLOCK);
  arena.sizes[list] = SMALLEST_BLOCK;
  arena.lengths[list] = 0;
  arena.alive[list] = 0;
  arena.sold[list] = 0;
  return list;
}

/** Gives a list and its block back. */
export function closeList(arena: Arena, list: number): void {
  giveBlock(arena, arena.starts[list]!, arena.sizes[list]!);
  arena.lengths[list] = 0;
  arena.freeLists.push(list);
}

/** Adds a document above all others of the list; returns the count that was stored. */
export function append(arena: Arena, list: number, document: number, count: number, isSold: boolean): number {
  if (arena.lengths[list]! === 1 << arena.sizes[list]!) makeRoom(arena, list);
  const at = arena.starts[list]! + arena.lengths[list]!;
  arena.documents[at] = document;
  arena.counts[at] = Math.min(count, COUNT_MAX);
  arena.lengths[list]! += 1;
  arena.alive[list]! += 1;
  if (isSold) arena.sold[list]! += 1;
  return arena.counts[at]!;
}

/** Removes a document that is in the list; returns how many are left. */
export function strike(arena: Arena, list: number, document: number, isSold: boolean): number {
  const { documents } = arena;
  let low = arena.starts[list]!;
  let high = low + arena.lengths[list]! - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (documents[middle]! < document) low = middle + 1;
    else high = middle;
  }
  arena.counts[low] = 0;
  arena.alive[list]! -= 1;
  if (isSold) arena.sold[list]! -= 1;
  return arena.alive[list]!;
}

/** Gives documents new numbers, which must keep their order, and drops the removed entries. */
export function renumber(arena: Arena, list: number, numbers: Uint32Array): void {
  dropRemoved(arena, list);
  const start = arena.starts[list]!;
  for (let at = start; at < start + arena.lengths[list]!; at += 1) arena.documents[at] = numbers[arena.documents[at]!]!;
}

export function arenaBytes(arena: Arena): number {
  return arena.documents.byteLength + arena.counts.byteLength + arena.starts.length * 17;
}

/**
 * Drops removed entries when they are many, else moves the list to a larger block: either way appending stays cheap on
 * average.
 */
function makeRoom(arena: Arena, list: number): void {
  const length = arena.lengths[list]!;
  if (arena.alive[list]! * 4 <= length * 3) {
    dropRemoved(arena, list);
    return;
  }
  const size = arena.sizes[list]!;
  const from = arena.starts[list]!;
  const to = takeBlock(arena, size + 1);
  arena.documents.copyWithin(to, from, from + length);
  arena.counts.copyWithin(to, from, from + length);
  giveBlock(arena, from, size);
  arena.starts[list] = to;
  arena.sizes[list] = size + 1;
}

function dropRemoved(arena: Arena, list: number): void {
  const { documents, counts } = arena;
  const start = arena.starts[list]!;
  const end = start + arena.lengths[list]!;
  let to = start;
  for (let at = start; at < end; at += 1) {
    if (counts[at] === 0) continue;
    documents[to] = documents[at]!;
    counts[to] = counts[at]!;
    to += 1;
  }
  arena.lengths[list] = to - start;
}

function takeBlock(arena: Arena, size: number): number {
  const free = arena.freeBlocks[size]?.pop();
  if (free !== undefined) return free;
  const start = arena.used;
  arena.used += 1 << size;
  arena.documents = growUint32(arena.documents, arena.used);
  arena.counts = growUint16(arena.counts, arena.used);
  return start;
}

function giveBlock(arena: Arena, start: number, size: number): void {
  (arena.freeBlocks[size] ??= []).push(start);
}
