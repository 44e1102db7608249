import { HASH_BYTES } from './hash.ts';
import { heightOf, nodesAt, nodeView, putNode, refreshNode, type Levels } from './levels.ts';
import { readerAt, viewOf, type TreeView } from './view.ts';

/** Old leaf hashes by index, for {@link MerkleTree.at}. */
export type LeafOverrides = ReadonlyMap<number, Uint8Array>;

/** An RFC 6962 tree whose leaves can be replaced and appended. 32 bytes per node, about 64 bytes per leaf. */
export interface MerkleTree extends TreeView {
  /** A copy of the leaf's hash. @throws RangeError */
  leaf(index: number): Uint8Array;
  /** Replaces a leaf hash, or appends when `index` is the size; O(log n) hashes. @throws RangeError */
  set(index: number, leafHash: Uint8Array): void;
  /**
   * Like {@link MerkleTree.set} for each entry in order, but every interior node is hashed once.
   *
   * @throws RangeError
   */
  setMany(entries: Iterable<readonly [index: number, leafHash: Uint8Array]>): void;
  /**
   * The tree as it was at `size` leaves with these old leaf hashes. Valid until the tree changes.
   *
   * @throws RangeError
   */
  at(size: number, overrides?: LeafOverrides): TreeView;
  /** Path of one leaf in {@link MerkleTree.at}. For several leaves of one state use the view. */
  pathAt(index: number, size: number, overrides: LeafOverrides): Uint8Array[];
  /** Root of {@link MerkleTree.at}. */
  rootAt(size: number, overrides: LeafOverrides): Uint8Array;
  /** All nodes, level by level from the leaves. They change with the tree. */
  save(): Uint8Array[];
}

/** Most leaves: node numbers stay within 32-bit shifts. */
const LEAVES_MAX = 2 ** 30;

/**
 * An empty tree, or the one that {@link MerkleTree.save} gave. Whether its nodes belong together, only their keeper
 * knows.
 */
export function createTree(saved: readonly Uint8Array[] = []): MerkleTree {
  const levels: Levels = { size: (saved[0]?.length ?? 0) / HASH_BYTES, nodes: [...saved] };
  const present = () => viewOf(levels.size, (level, index) => nodeView(levels, level, index));
  const checkSize = (size: number): void => {
    if (!Number.isInteger(size) || size < 0 || size > levels.size)
      throw new RangeError(`no state of ${size} leaves: the tree has ${levels.size}`);
  };
  const at = (size: number, overrides: LeafOverrides = new Map()) => {
    checkSize(size);
    return viewOf(size, readerAt(levels, size, overrides));
  };
  const setMany: MerkleTree['setMany'] = (entries) => {
    const touched: number[] = [];
    try {
      for (const [index, hash] of entries) {
        putLeaf(levels, index, hash);
        touched.push(index);
      }
    } finally {
      // Also after a refused entry, because the entries before it are in the tree, which must stay correct.
      refreshAncestors(levels, touched);
    }
  };
  return {
    get size() {
      return levels.size;
    },
    root: () => present().root(),
    path: (index) => present().path(index),
    consistency: (first) => present().consistency(first),
    leaf(index) {
      if (!Number.isInteger(index) || index < 0 || index >= levels.size) throw new RangeError(`no leaf ${index}`);
      return nodeView(levels, 0, index).slice();
    },
    set(index, hash) {
      putLeaf(levels, index, hash);
      for (let level = 1; level <= heightOf(levels.size); level++) refreshNode(levels, level, index >>> level);
    },
    setMany,
    at,
    pathAt: (index, size, overrides) => at(size, overrides).path(index),
    rootAt: (size, overrides) => at(size, overrides).root(),
    save: () => (levels.size === 0 ? [] : nodesOf(levels)),
  };
}

function nodesOf({ size, nodes }: Levels): Uint8Array[] {
  return Array.from({ length: heightOf(size) + 1 }, (_, level) => nodes[level]!.subarray(0, nodesAt(size, level) * HASH_BYTES));
}

function putLeaf(levels: Levels, index: number, hash: Uint8Array): void {
  if (hash.length !== HASH_BYTES) throw new RangeError(`a leaf hash has ${HASH_BYTES} bytes, not ${hash.length}`);
  if (!Number.isInteger(index) || index < 0 || index > levels.size || index >= LEAVES_MAX)
    throw new RangeError(`leaf ${index} is neither in the tree of ${levels.size} leaves nor next to its end`);
  putNode(levels, 0, index, hash);
  if (index === levels.size) levels.size++;
}

/**
 * Every node that appending changes is an ancestor of an appended leaf, so only the ancestors of touched leaves have to
 * be computed.
 */
function refreshAncestors(levels: Levels, touched: readonly number[]): void {
  let indexes = Uint32Array.from(touched).sort();
  for (let level = 1; level <= heightOf(levels.size); level++) {
    indexes = parentsOf(indexes);
    for (const index of indexes) refreshNode(levels, level, index);
  }
}

function parentsOf(sorted: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const parents = new Uint32Array(sorted.length);
  let count = 0;
  for (const index of sorted) {
    const parent = index >>> 1;
    if (count === 0 || parents[count - 1] !== parent) parents[count++] = parent;
  }
  return parents.subarray(0, count);
}
