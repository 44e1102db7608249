import { growUint16, growUint32 } from '../slots/grow.ts';

/**
 * The posting lists that each document is in, ascending, and its count in each: for removal, and for the score of one
 * document. Documents follow one another by number.
 */
export interface Forward {
  lists: Uint32Array;
  counts: Uint16Array;
  /** First entry of each document. It ends where the next one starts. */
  starts: Uint32Array;
  documents: number;
}

export function createForward(): Forward {
  return { lists: new Uint32Array(0), counts: new Uint16Array(0), starts: new Uint32Array(1), documents: 0 };
}

/** Adds the next document. `pairs` are lists and counts, in ascending order of the lists. */
export function addDocument(forward: Forward, pairs: readonly (readonly [list: number, count: number])[]): void {
  let at = forward.starts[forward.documents]!;
  forward.lists = growUint32(forward.lists, at + pairs.length);
  forward.counts = growUint16(forward.counts, at + pairs.length);
  for (const [list, count] of pairs) {
    forward.lists[at] = list;
    forward.counts[at] = count;
    at += 1;
  }
  forward.documents += 1;
  forward.starts = growUint32(forward.starts, forward.documents);
  forward.starts[forward.documents] = at;
}

/** Its count in a list; 0 when it is not in it. */
export function countIn({ lists, counts, starts }: Forward, document: number, list: number): number {
  const end = starts[document + 1]!;
  let low = starts[document]!;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lists[middle]! < list) low = middle + 1;
    else high = middle;
  }
  return low < end && lists[low] === list ? counts[low]! : 0;
}

/** Moves a document to a number that is not above its own. Numbers from 0 must be filled in order. */
export function moveDocument({ lists, counts, starts }: Forward, from: number, to: number): void {
  const [first, end, at] = [starts[from]!, starts[from + 1]!, starts[to]!];
  lists.copyWithin(at, first, end);
  counts.copyWithin(at, first, end);
  starts[to + 1] = at + end - first;
}

/** Overwrites the entries of a document, which keeps its number. */
export function clearDocument({ lists, counts, starts }: Forward, document: number): void {
  lists.fill(0, starts[document], starts[document + 1]);
  counts.fill(0, starts[document], starts[document + 1]);
}

export function forwardBytes({ lists, counts, starts }: Forward): number {
  return lists.byteLength + counts.byteLength + starts.byteLength;
}
