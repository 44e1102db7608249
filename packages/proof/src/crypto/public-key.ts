import { ed25519 } from '@noble/curves/ed25519.js';
import { toHex } from '../bytes.ts';
import { createLru } from '../lru.ts';
import { isVerificationKey } from './encoding-rules.ts';
import { publicKeysCachedMax } from './limits.ts';

const verdicts = createLru<string, boolean>(publicKeysCachedMax);

/**
 * True for an Ed25519 public key that identifies its owner: canonical, on the curve, not of low order, without a
 * torsion part. For other keys a malicious owner can make signatures on which verifiers disagree. Takes about 1 ms the
 * first time; the result is cached.
 */
export function isUsablePublicKey(publicKey: Uint8Array): boolean {
  if (!isVerificationKey(publicKey)) return false;
  const id = toHex(publicKey);
  const known = verdicts.get(id);
  if (known !== undefined) return known;
  const verdict = isPrimeOrder(publicKey);
  verdicts.set(id, verdict);
  return verdict;
}

function isPrimeOrder(publicKey: Uint8Array): boolean {
  try {
    return ed25519.Point.fromBytes(publicKey).isTorsionFree();
  } catch {
    return false;
  }
}
