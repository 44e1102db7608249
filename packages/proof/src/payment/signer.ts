import { secp256k1Recover, secp256k1Sign } from '#crypto';
import { fromHex, toHex } from '../bytes.ts';
import { addressFromPublicKey } from '../identity.ts';

/** Signature of a 32-byte digest as 130 hex digits r, s, v. */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): string {
  return toHex(secp256k1Sign(privateKey, digest).signature);
}

/** Address that signed a digest; null when the signature is malformed, has a high s or belongs to no key. */
export function recoverDigest(digest: Uint8Array, signature: string): string | null {
  const publicKey = secp256k1Recover(digest, fromHex(signature));
  return publicKey === null ? null : addressFromPublicKey(publicKey);
}
