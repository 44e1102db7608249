import type { SignedStatement } from '@tributary/schemas';
import { ed25519Sign, sha256Parts } from '#crypto';
import { concat, toBase64url, toHex, utf8 } from '../bytes.ts';
import { TAG_MODEL } from '../domains.ts';

/** `H(tag ‖ body)` in hex: the hash of a statement. */
export function statementHash(tag: Uint8Array, body: string): string {
  return toHex(sha256Parts(tag, utf8(body)));
}

/**
 * Writes a statement as canonical JSON and signs `tag ‖ body` with Ed25519. Its members must be in the order of the
 * specification, because readers refuse others.
 */
export function signStatement(tag: Uint8Array, statement: object, seed: Uint8Array): SignedStatement & { hash: string } {
  const body = JSON.stringify(statement);
  const preimage = concat(tag, utf8(body));
  return { body, signature: toBase64url(ed25519Sign(seed, preimage)), hash: toHex(sha256Parts(preimage)) };
}

/** Digest of a model card in hex: `H(tag ‖ canonical JSON)`. */
export function modelDigest(card: object): string {
  return statementHash(TAG_MODEL, JSON.stringify(card));
}
