import { sha256, sha256Parts } from '#crypto';

export const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Root of the tree without leaves: `H("")` (RFC 6962 §2.1). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/** `H(0x00 ‖ entry)` (RFC 6962 §2.1). */
export function hashLeaf(entry: Uint8Array): Uint8Array {
  return sha256Parts(LEAF, entry);
}

/** `H(0x01 ‖ left ‖ right)` (RFC 6962 §2.1). */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256Parts(NODE, left, right);
}

const pair = new Uint8Array(1 + 2 * HASH_BYTES);
pair[0] = 1;

/** {@link hashNode} of two hashes that are adjacent in memory. */
export function hashPair(children: Uint8Array): Uint8Array {
  pair.set(children, 1);
  return sha256(pair);
}
