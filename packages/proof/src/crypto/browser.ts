// `#crypto` outside Node: only @noble.
import { ed25519 } from '@noble/curves/ed25519.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concat, equalBytes, toHex } from '../bytes.ts';
import { isEd25519Signature, isVerificationKey } from './encoding-rules.ts';
import { nobleSecp256k1 } from './secp256k1-noble.ts';
import type { Crypto } from './types.ts';

const { Point } = ed25519;
const GROUP_ORDER = Point.CURVE().n;

export const sha256: Crypto['sha256'] = (bytes) => nobleSha256(bytes);

export const sha256Parts: Crypto['sha256Parts'] = (...parts) => {
  const hash = nobleSha256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export const holdsAt: Crypto['holdsAt'] = (bytes, at, part) => equalBytes(bytes.subarray(at, at + part.length), part);

export const hmacSha256: Crypto['hmacSha256'] = (key, data) => hmac(nobleSha256, key, data);
export const keccak256: Crypto['keccak256'] = (bytes) => keccak_256(bytes);
export const ed25519Sign: Crypto['ed25519Sign'] = (seed, message) => ed25519.sign(message, seed);
export const ed25519PublicKey: Crypto['ed25519PublicKey'] = (seed) => ed25519.getPublicKey(seed);

export const ed25519Verify: Crypto['ed25519Verify'] = (publicKey, message, signature) => {
  if (!isEd25519Signature(signature) || !isVerificationKey(publicKey)) return false;
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= GROUP_ORDER) return false;
  // noble's own verify multiplies by the cofactor and so accepts signatures that OpenSSL, Go and WebCrypto refuse.
  const k = littleEndian(sha512(concat(r, publicKey, message))) % GROUP_ORDER;
  try {
    const expected = Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(publicKey).multiplyUnsafe(k));
    return equalBytes(expected.toBytes(), r);
  } catch {
    return false;
  }
};

export const { secp256k1Sign, secp256k1Recover, secp256k1PublicKey } = nobleSecp256k1;

/** Which implementation of secp256k1 is used. */
export const secp256k1Backend: 'native' | 'noble' = 'noble';

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`);
}
