// Bytes, hashes, signatures, Merkle trees and signed notes.
export { ed25519PublicKey, secp256k1PublicKey, secp256k1Recover, secp256k1Sign, sha256, sha256Parts } from '#crypto';
export {
  ZERO_HASH,
  concat,
  equalBytes,
  fromBase64url,
  fromHex,
  fromUtf8,
  toBase64url,
  toHex,
  u32,
  u64,
  utf8,
  vectorFromBase64url,
  vectorToBase64url,
} from './bytes.ts';
export { readSparseBytes, sparseBytes, sparseFromBase64url, sparseToBase64url } from './record/sparse-bytes.ts';
export { createLru } from './lru.ts';
export type { Lru } from './lru.ts';

export { EMPTY_ROOT, hashLeaf } from './merkle/hash.ts';
export { createTree } from './merkle/tree.ts';
export type { MerkleTree } from './merkle/tree.ts';
export { viewOfLeaves } from './merkle/view.ts';
export type { TreeView } from './merkle/view.ts';
export { consistencyPath, rootOf, verifyConsistency, verifyInclusion } from './merkle/proof.ts';

export { openCheckpoint, parseCheckpoint, signCheckpoint } from './note/checkpoint.ts';
export { formatTlogProof, parseTlogProof } from './note/tlog-proof.ts';
