// Storage of a tree: one flat array per level, 32 bytes per node. A last node without a sibling also stands for its
// parent. This gives the unbalanced right edge of RFC 6962 without a special case.
import { HASH_BYTES, hashPair } from './hash.ts';

/** Level 0 holds the leaves; level h holds ceil(size / 2^h) nodes; the last level holds the root. */
export interface Levels {
  size: number;
  readonly nodes: Uint8Array[];
}

const INITIAL_NODES = 8;

/** Nodes of a level in a tree of `size` leaves. */
export function nodesAt(size: number, level: number): number {
  return Math.ceil(size / 2 ** level);
}

/** Levels above the leaves in a tree of `size` leaves (at least one). */
export function heightOf(size: number): number {
  return size <= 1 ? 0 : 32 - Math.clz32(size - 1);
}

/** A view of one node, valid until the tree changes. */
export function nodeView(levels: Levels, level: number, index: number): Uint8Array {
  return levels.nodes[level]!.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}

export function putNode(levels: Levels, level: number, index: number, hash: Uint8Array): void {
  const end = (index + 1) * HASH_BYTES;
  let nodes = levels.nodes[level];
  if (nodes === undefined || nodes.length < end) {
    const grown = new Uint8Array(Math.max(INITIAL_NODES * HASH_BYTES, end, 2 * (nodes?.length ?? 0)));
    if (nodes !== undefined) grown.set(nodes);
    levels.nodes[level] = nodes = grown;
  }
  nodes.set(hash, end - HASH_BYTES);
}

/** Computes a node from its children, which must already be right. */
export function refreshNode(levels: Levels, level: number, index: number): void {
  const left = 2 * index;
  const below = levels.nodes[level - 1]!;
  const alone = left + 1 >= nodesAt(levels.size, level - 1);
  const hash = alone ? nodeView(levels, level - 1, left) : hashPair(below.subarray(left * HASH_BYTES, (left + 2) * HASH_BYTES));
  putNode(levels, level, index, hash);
}
