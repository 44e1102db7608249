import { growUint32, growUint8 } from '../slots/grow.ts';

/**
 * Lists of documents and values in two flat arrays. A list is a chain of chunks, each twice as long as the one before
 * up to a longest one, so that appending moves nothing and leaves little room unused. Documents of a list ascend.
 */
export interface Postings {
  documents: Uint32Array;
  values: Float32Array;
  /** Entries that are in chunks. */
  used: number;
  /** First and last chunk of each list. */
  first: Uint32Array;
  last: Uint32Array;
  lists: number;
  readonly freeLists: number[];
  /** First entry of each chunk, its size as a power of two, and the entries that are filled. */
  starts: Uint32Array;
  sizes: Uint8Array;
  lengths: Uint32Array;
  /** Number plus one of the next chunk of the list; 0 at its end. */
  next: Uint32Array;
  chunks: number;
  /** Free chunks by size. */
  readonly freeChunks: number[][];
}

const FIRST_SIZE = 1;
const LAST_SIZE = 10;

export function createPostings(): Postings {
  return {
    documents: new Uint32Array(1_024),
    values: new Float32Array(1_024),
    used: 0,
    first: new Uint32Array(64),
    last: new Uint32Array(64),
    lists: 0,
    freeLists: [],
    starts: new Uint32Array(64),
    sizes: new Uint8Array(64),
    lengths: new Uint32Array(64),
    next: new Uint32Array(64),
    chunks: 0,
    freeChunks: [],
  };
}

/** Creates an empty list. */
export function openList(postings: Postings): number {
  const list = postings.freeLists.pop() ?? postings.lists++;
  const chunk = takeChunk(postings, FIRST_SIZE);
  postings.first = growUint32(postings.first, list);
  postings.last = growUint32(postings.last, list);
  postings.first[list] = chunk;
  postings.last[list] = chunk;
  return list;
}

/** Frees a list and its chunks. */
export function closeList(postings: Postings, list: number): void {
  freeFrom(postings, postings.first[list]! + 1);
  postings.freeLists.push(list);
}

/** Appends a document, which must be above all others of the list. */
export function append(postings: Postings, list: number, document: number, value: number): void {
  let chunk = postings.last[list]!;
  if (postings.lengths[chunk]! === 1 << postings.sizes[chunk]!) {
    const more = takeChunk(postings, Math.min(postings.sizes[chunk]! + 1, LAST_SIZE));
    postings.next[chunk] = more + 1;
    postings.last[list] = more;
    chunk = more;
  }
  const at = postings.starts[chunk]! + postings.lengths[chunk]!;
  postings.documents[at] = document;
  postings.values[at] = value;
  postings.lengths[chunk]! += 1;
}

/**
 * Gives the documents of a list new numbers, which keep their order, and drops those without one.
 *
 * @param numbers new number plus one by document; 0 drops it
 * @returns how many are left
 */
export function renumber(postings: Postings, list: number, numbers: Uint32Array): number {
  const { documents, values, first, last, starts, sizes, lengths, next } = postings;
  let into = first[list]!;
  let filled = 0;
  let left = 0;
  for (let from = into + 1; from !== 0; from = next[from - 1]!) {
    const start = starts[from - 1]!;
    const end = start + lengths[from - 1]!;
    for (let at = start; at < end; at += 1) {
      const number = numbers[documents[at]!]!;
      if (number === 0) continue;
      if (filled === 1 << sizes[into]!) {
        lengths[into] = filled;
        into = next[into]! - 1;
        filled = 0;
      }
      documents[starts[into]! + filled] = number - 1;
      values[starts[into]! + filled] = values[at]!;
      filled += 1;
      left += 1;
    }
  }
  lengths[into] = filled;
  last[list] = into;
  const rest = next[into]!;
  next[into] = 0;
  freeFrom(postings, rest);
  return left;
}

/** A copy of documents and values, with zeros wherever no list has an entry. */
export function copyEntries(postings: Postings): Pick<Postings, 'documents' | 'values'> {
  const { documents, values, used, first, lists, starts, lengths, next } = postings;
  const copy = { documents: new Uint32Array(used), values: new Float32Array(used) };
  const free = new Set(postings.freeLists);
  for (let list = 0; list < lists; list += 1) {
    for (let chunk = free.has(list) ? 0 : first[list]! + 1; chunk !== 0; chunk = next[chunk - 1]!) {
      const start = starts[chunk - 1]!;
      const end = start + lengths[chunk - 1]!;
      copy.documents.set(documents.subarray(start, end), start);
      copy.values.set(values.subarray(start, end), start);
    }
  }
  return copy;
}

export function postingsBytes(postings: Postings): number {
  const { documents, values, first, last, starts, sizes, lengths, next } = postings;
  return [documents, values, first, last, starts, sizes, lengths, next].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function takeChunk(postings: Postings, size: number): number {
  let chunk = postings.freeChunks[size]?.pop();
  if (chunk === undefined) {
    chunk = postings.chunks++;
    postings.starts = growUint32(postings.starts, chunk);
    postings.sizes = growUint8(postings.sizes, chunk);
    postings.lengths = growUint32(postings.lengths, chunk);
    postings.next = growUint32(postings.next, chunk);
    postings.starts[chunk] = postings.used;
    postings.sizes[chunk] = size;
    postings.used += 1 << size;
    if (postings.used > postings.documents.length) enlarge(postings);
  }
  postings.lengths[chunk] = 0;
  postings.next[chunk] = 0;
  return chunk;
}

/** @param from number plus one of the first chunk of the chain; 0 for none */
function freeFrom(postings: Postings, from: number): void {
  for (let at = from; at !== 0; at = postings.next[at - 1]!) (postings.freeChunks[postings.sizes[at - 1]!] ??= []).push(at - 1);
}

/** By a quarter: these arrays are most of the memory, and doubling would leave up to half of it unused. */
function enlarge(postings: Postings): void {
  const length = Math.max(postings.used, Math.ceil(postings.documents.length * 1.25));
  const { documents, values } = postings;
  postings.documents = new Uint32Array(length);
  postings.documents.set(documents);
  postings.values = new Float32Array(length);
  postings.values.set(values);
}
