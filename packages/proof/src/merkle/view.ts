import { EMPTY_ROOT, HASH_BYTES, hashNode, hashPair } from './hash.ts';
import { heightOf, nodesAt, nodeView, type Levels } from './levels.ts';

/** One state of a tree. It returns copies. A view of an older state is valid until the tree changes. */
export interface TreeView {
  /** Number of leaves. */
  readonly size: number;
  root(): Uint8Array;
  /** Inclusion path from the leaf upward. @throws RangeError when there is no such leaf */
  path(index: number): Uint8Array[];
  /** Consistency path from the tree's first `first` leaves to this state (RFC 6962 §2.1.2). @throws RangeError */
  consistency(first: number): Uint8Array[];
}

/** Hash of a node in this state. */
export type NodeReader = (level: number, index: number) => Uint8Array;

export function viewOf(size: number, read: NodeReader): TreeView {
  return {
    size,
    root: () => (size === 0 ? EMPTY_ROOT.slice() : read(heightOf(size), 0).slice()),
    path(index) {
      if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
      const path: Uint8Array[] = [];
      for (let level = 0, at = index; level < heightOf(size); level++, at >>>= 1) {
        const sibling = at ^ 1;
        if (sibling < nodesAt(size, level)) path.push(read(level, sibling).slice());
      }
      return path;
    },
    consistency(first) {
      if (!Number.isInteger(first) || first < 0 || first > size) throw new RangeError(`no size ${first} in a tree of ${size}`);
      return first === 0 || first === size ? [] : consistencyOf(read, first, size);
    },
  };
}

/** The tree of leaf hashes that lie one after the other, for a few questions: nodes are hashed when they are needed. */
export function viewOfLeaves(leaves: Uint8Array): TreeView {
  const size = leaves.length / HASH_BYTES;
  const read: NodeReader = (level, index) => {
    if (level === 0) return leaves.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    if (level === 1 && 2 * index + 1 < size)
      return hashPair(leaves.subarray(2 * index * HASH_BYTES, 2 * (index + 1) * HASH_BYTES));
    const left = read(level - 1, 2 * index);
    return 2 * index + 1 < nodesAt(size, level - 1) ? hashNode(left, read(level - 1, 2 * index + 1)) : left;
  };
  return viewOf(size, read);
}

/** RFC 6962 §2.1.2 `SUBPROOF`, walked from the root down; the path is written from the leaves upward. */
function consistencyOf(read: NodeReader, first: number, size: number): Uint8Array[] {
  // The hash of leaves [from, to): `from` is a multiple of the smallest power of two that holds them.
  const subtree = (from: number, to: number) => {
    const level = heightOf(to - from);
    return read(level, from / 2 ** level).slice();
  };
  const path: Uint8Array[] = [];
  let [from, to, whole] = [0, size, true];
  while (first < to) {
    const middle = from + 2 ** (heightOf(to - from) - 1);
    if (first <= middle) {
      path.push(subtree(middle, to));
      to = middle;
    } else {
      path.push(subtree(from, middle));
      from = middle;
      whole = false;
    }
  }
  // `whole` means that the verifier knows this subtree, because it is the first tree itself.
  if (!whole) path.push(subtree(from, to));
  return path.reverse();
}

/** A reader of the tree as it was when it had `size` leaves and the leaves in `overrides` had those hashes. */
export function readerAt(levels: Levels, size: number, overrides: ReadonlyMap<number, Uint8Array>): NodeReader {
  const changed = changedNodes(levels, size, overrides);
  return (level, index) => changed[level]?.get(index) ?? nodeView(levels, level, index);
}

/** The nodes of {@link readerAt} that differ from the present tree, by level: O((overrides + 1) log n) hashes. */
function changedNodes(levels: Levels, size: number, overrides: ReadonlyMap<number, Uint8Array>): Map<number, Uint8Array>[] {
  const changed: Map<number, Uint8Array>[] = [new Map([...overrides].filter(([index]) => index < size))];
  const read: NodeReader = (level, index) => changed[level]?.get(index) ?? nodeView(levels, level, index);
  for (let level = 1; level <= heightOf(size); level++) {
    const parents = new Set([...changed[level - 1]!.keys()].map((index) => index >>> 1));
    const last = nodesAt(size, level) - 1;
    // A node that the end of the older tree cuts through may have grown since.
    if ((last + 1) * 2 ** level > size) parents.add(last);
    const here = new Map<number, Uint8Array>();
    for (const parent of parents) {
      const left = read(level - 1, 2 * parent);
      const alone = 2 * parent + 1 >= nodesAt(size, level - 1);
      here.set(parent, alone ? left : hashNode(left, read(level - 1, 2 * parent + 1)));
    }
    changed.push(here);
  }
  return changed;
}
