import { growUint16, growUint32, growUint8 } from '../slots/grow.ts';

/**
 * Posting lists of documents and counts in two flat arrays. Each list owns a block whose size is a power of two. A list
 * that outgrows its block moves to one of twice the size, and the old block is reused. Documents of a list ascend. A
 * count of 0 marks a removed document. Places that no list uses hold zeros.
 */
export interface Arena {
  documents: Uint32Array;
  counts: Uint16Array;
  /** Entries that are allocated in blocks. */
  used: number;
  /** First entry of each list. */
  starts: Uint32Array;
  /** Entries of each list, including removed ones. */
  lengths: Uint32Array;
  /** Entries of each list that are not removed: the document frequency of its term. */
  alive: Uint32Array;
  /** The same without records that are not for sale. */
  sold: Uint32Array;
  /** Block size of each list, as a power of two. */
  sizes: Uint8Array;
  lists: number;
  readonly freeLists: number[];
  /** Free blocks by size. */
  readonly freeBlocks: number[][];
}

const SMALLEST_BLOCK = 1;
/** Largest count of an entry. No text of a record comes near it (recordTextBytesMax). */
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

/** Creates an empty list. */
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

/** Frees a list and its block. */
export function closeList(arena: Arena, list: number): void {
  giveBlock(arena, arena.starts[list]!, arena.sizes[list]!);
  arena.lengths[list] = 0;
  arena.freeLists.push(list);
}

/** Appends a document, which must be above all others of the list. Returns the count that was stored. */
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

/** Removes a document from the list; returns how many are left. */
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

/** Renumbers documents, which must keep their order, and drops removed entries. */
export function renumber(arena: Arena, list: number, numbers: Uint32Array): void {
  dropRemoved(arena, list);
  const start = arena.starts[list]!;
  for (let at = start; at < start + arena.lengths[list]!; at += 1) arena.documents[at] = numbers[arena.documents[at]!]!;
}

/** Drops the removed entries of a list, if it has any. */
export function tidyList(arena: Arena, list: number): void {
  if (arena.alive[list]! < arena.lengths[list]!) dropRemoved(arena, list);
}

export function arenaBytes(arena: Arena): number {
  return arena.documents.byteLength + arena.counts.byteLength + arena.starts.length * 17;
}

/**
 * Drops removed entries when there are many, otherwise moves the list to a larger block. Either way, the average cost
 * of appending stays constant.
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
  documents.fill(0, to, end);
  counts.fill(0, to, end);
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
  arena.documents.fill(0, start, start + (1 << size));
  arena.counts.fill(0, start, start + (1 << size));
  (arena.freeBlocks[size] ??= []).push(start);
}
