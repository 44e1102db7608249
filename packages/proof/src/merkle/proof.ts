import { equalBytes } from '../bytes.ts';
import { EMPTY_ROOT, HASH_BYTES, hashNode } from './hash.ts';
import { createTree, type MerkleTree } from './tree.ts';

/** Root over leaf hashes. */
export function rootOf(leafHashes: readonly Uint8Array[]): Uint8Array {
  return treeOf(leafHashes).root();
}

/**
 * Consistency path from the first `first` leaves to all of them. Empty when `first` is 0 or all leaves.
 *
 * @throws RangeError
 */
export function consistencyPath(leafHashes: readonly Uint8Array[], first: number): Uint8Array[] {
  return treeOf(leafHashes).consistency(first);
}

function treeOf(leafHashes: readonly Uint8Array[]): MerkleTree {
  const tree = createTree();
  tree.setMany(leafHashes.entries());
  return tree;
}

export interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** Checks that a leaf is in the tree of `size` leaves under `root` (RFC 9162 §2.1.3.2). Sizes up to 2^53 - 1. */
export function verifyInclusion({ index, size, leafHash, path, root }: Inclusion): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || !areHashes([leafHash, root, ...path])) return false;
  let [at, last, hash] = [index, size - 1, leafHash];
  for (const sibling of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = hashNode(sibling, hash);
      // Levels at which this node has no sibling add nothing to the path.
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = hashNode(hash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equalBytes(hash, root);
}

export interface Consistency {
  readonly first: number;
  readonly second: number;
  readonly firstRoot: Uint8Array;
  readonly secondRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/**
 * Checks that the tree of `second` leaves extends that of `first` (RFC 9162 §2.1.4.2). Every tree extends the empty
 * tree, with an empty path.
 */
export function verifyConsistency({ first, second, firstRoot, secondRoot, path }: Consistency): boolean {
  if (!isSize(first) || !isSize(second) || first > second || !areHashes([firstRoot, secondRoot, ...path])) return false;
  if (first === second) return path.length === 0 && equalBytes(firstRoot, secondRoot);
  if (first === 0) return path.length === 0 && equalBytes(firstRoot, EMPTY_ROOT);
  if (path.length === 0) return false;
  let [at, last] = [first - 1, second - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  // A first tree of 2^k leaves is a node of the second one; its root is then left out of the path.
  const [start, ...rest] = at === 0 ? [firstRoot, ...path] : path;
  let [one, two] = [start!, start!];
  for (const hash of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      one = hashNode(hash, one);
      two = hashNode(hash, two);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      two = hashNode(two, hash);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equalBytes(one, firstRoot) && equalBytes(two, secondRoot);
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(values: readonly Uint8Array[]): boolean {
  return values.every((value) => value.length === HASH_BYTES);
}
