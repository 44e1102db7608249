import { growFloat32, growUint32, growUint8 } from '../slots/grow.ts';

/**
 * Lists of documents and values in two flat arrays. Each list owns a block whose size is a power of two. A list that
 * outgrows its block moves to one of twice the size, and the old block is reused. Documents of a list ascend.
 */
export interface Postings {
  documents: Uint32Array;
  values: Float32Array;
  /** Entries that are allocated in blocks. */
  used: number;
  /** First entry of each list. */
  starts: Uint32Array;
  /** Entries of each list. */
  lengths: Uint32Array;
  /** Block size of each list, as a power of two. */
  sizes: Uint8Array;
  lists: number;
  readonly freeLists: number[];
  /** Free blocks by size. */
  readonly freeBlocks: number[][];
}

export function createPostings(): Postings {
  return {
    documents: new Uint32Array(1_024),
    values: new Float32Array(1_024),
    used: 0,
    starts: new Uint32Array(64),
    lengths: new Uint32Array(64),
    sizes: new Uint8Array(64),
    lists: 0,
    freeLists: [],
    freeBlocks: [],
  };
}

/** Creates an empty list with room for one entry. */
export function openList(postings: Postings): number {
  const list = postings.freeLists.pop() ?? postings.lists++;
  postings.starts = growUint32(postings.starts, list);
  postings.lengths = growUint32(postings.lengths, list);
  postings.sizes = growUint8(postings.sizes, list);
  postings.starts[list] = takeBlock(postings, 0);
  postings.sizes[list] = 0;
  postings.lengths[list] = 0;
  return list;
}

/** Frees a list and its block. */
export function closeList(postings: Postings, list: number): void {
  giveBlock(postings, postings.starts[list]!, postings.sizes[list]!);
  postings.lengths[list] = 0;
  postings.freeLists.push(list);
}

/** Appends a document, which must be above all others of the list. */
export function append(postings: Postings, list: number, document: number, value: number): void {
  if (postings.lengths[list]! === 1 << postings.sizes[list]!) makeRoom(postings, list);
  const at = postings.starts[list]! + postings.lengths[list]!;
  postings.documents[at] = document;
  postings.values[at] = value;
  postings.lengths[list]! += 1;
}

/**
 * Gives the documents of a list new numbers, which keep their order, and drops those without one.
 *
 * @param numbers new number plus one by document; 0 drops it
 * @returns how many are left
 */
export function renumber({ documents, values, starts, lengths }: Postings, list: number, numbers: Uint32Array): number {
  const start = starts[list]!;
  let to = start;
  for (let at = start; at < start + lengths[list]!; at += 1) {
    const number = numbers[documents[at]!]!;
    if (number === 0) continue;
    documents[to] = number - 1;
    values[to] = values[at]!;
    to += 1;
  }
  lengths[list] = to - start;
  return to - start;
}

export function postingsBytes({ documents, values, starts, lengths, sizes }: Postings): number {
  return [documents, values, starts, lengths, sizes].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function makeRoom(postings: Postings, list: number): void {
  const size = postings.sizes[list]!;
  const from = postings.starts[list]!;
  const to = takeBlock(postings, size + 1);
  postings.documents.copyWithin(to, from, from + (1 << size));
  postings.values.copyWithin(to, from, from + (1 << size));
  giveBlock(postings, from, size);
  postings.starts[list] = to;
  postings.sizes[list] = size + 1;
}

function takeBlock(postings: Postings, size: number): number {
  const free = postings.freeBlocks[size]?.pop();
  if (free !== undefined) return free;
  const start = postings.used;
  postings.used += 1 << size;
  postings.documents = growUint32(postings.documents, postings.used);
  postings.values = growFloat32(postings.values, postings.used);
  return start;
}

function giveBlock(postings: Postings, start: number, size: number): void {
  (postings.freeBlocks[size] ??= []).push(start);
}
