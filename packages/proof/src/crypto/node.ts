// `#crypto` in Node: OpenSSL, the native secp256k1 binding and hash-wasm, 8 to 30 times faster than portable code.
import { createHash, createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import { createKeccak } from 'hash-wasm';
import type * as native from 'secp256k1';
import { concat, fromHex, toHex } from '../bytes.ts';
import { createLru } from '../lru.ts';
import { isEd25519Signature, isLowRecoverable, isVerificationKey } from './encoding-rules.ts';
import { privateKeysCachedMax, publicKeysCachedMax } from './limits.ts';
import { nobleSecp256k1 } from './secp256k1-noble.ts';
import type { Crypto, Secp256k1 } from './types.ts';

const SHA256_BLOCK_BYTES = 64;
const SHA256_BYTES = 32;

export const sha256: Crypto['sha256'] = (bytes) => {
  // As a Latin-1 string first and then in memory of the JavaScript heap. A Buffer's memory outside the heap costs three
  // times as much here, and Node 24 frees it late (nodejs/node#61967).
  return fromBinary(hash('sha256', bytes, 'binary'));
};

function fromBinary(digest: string): Uint8Array {
  const out = new Uint8Array(SHA256_BYTES);
  for (let at = 0; at < SHA256_BYTES; at++) out[at] = digest.charCodeAt(at);
  return out;
}

// Joining short parts in a reused array is cheaper than a streaming hash, which is cheaper than a copy of long ones. It
// is safe because nothing here is asynchronous.
const joined = new Uint8Array(4_096);

export const sha256Parts: Crypto['sha256Parts'] = (...parts) => {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > joined.length) return streamed(parts);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  const digest = sha256(joined.subarray(0, length));
  joined.fill(0, 0, length);
  return digest;
};

function streamed(parts: readonly Uint8Array[]): Uint8Array {
  const stream = createHash('sha256');
  for (const part of parts) stream.update(part);
  return fromBinary(stream.digest('binary'));
}

// Forty times as fast as a loop.
export const holdsAt: Crypto['holdsAt'] = (bytes, at, part) =>
  at + part.length <= bytes.length &&
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).compare(part, 0, part.length, at, at + part.length) === 0;

// RFC 2104 by hand, because createHmac costs ten times as much as its two hashes.
export const hmacSha256: Crypto['hmacSha256'] = (key, data) => {
  const short = key.length > SHA256_BLOCK_BYTES ? sha256(key) : key;
  const inner = new Uint8Array(SHA256_BLOCK_BYTES).fill(0x36);
  const outer = new Uint8Array(SHA256_BLOCK_BYTES).fill(0x5c);
  for (let at = 0; at < short.length; at++) {
    inner[at]! ^= short[at]!;
    outer[at]! ^= short[at]!;
  }
  return sha256Parts(outer, sha256Parts(inner, data));
};

const keccak = await createKeccak(256);
export const keccak256: Crypto['keccak256'] = (bytes) => keccak.init().update(bytes).digest('binary');

// RFC 8410: the bytes before the raw key in PKCS #8 and SubjectPublicKeyInfo.
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420');
const SPKI_PREFIX = fromHex('302a300506032b6570032100');
const privateKeys = createLru<string, KeyObject>(privateKeysCachedMax);
const publicKeys = createLru<string, KeyObject>(publicKeysCachedMax);

export const ed25519Sign: Crypto['ed25519Sign'] = (seed, message) => new Uint8Array(sign(null, message, privateKey(seed)));

export const ed25519Verify: Crypto['ed25519Verify'] = (key, message, signature) => {
  if (!isEd25519Signature(signature)) return false;
  const ready = publicKey(key);
  return ready !== null && verify(null, message, ready, signature);
};

export const ed25519PublicKey: Crypto['ed25519PublicKey'] = (seed) =>
  new Uint8Array(createPublicKey(privateKey(seed)).export({ type: 'spki', format: 'der' }).subarray(-32));

function privateKey(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new TypeError('an Ed25519 seed has 32 bytes');
  const id = toHex(sha256(seed));
  const known = privateKeys.get(id);
  if (known !== undefined) return known;
  const key = createPrivateKey({ key: Buffer.from(concat(PKCS8_PREFIX, seed)), format: 'der', type: 'pkcs8' });
  privateKeys.set(id, key);
  return key;
}

function publicKey(raw: Uint8Array): KeyObject | null {
  const id = toHex(raw);
  const known = publicKeys.get(id);
  if (known !== undefined) return known;
  if (!isVerificationKey(raw)) return null;
  const key = createPublicKey({ key: Buffer.from(concat(SPKI_PREFIX, raw)), format: 'der', type: 'spki' });
  publicKeys.set(id, key);
  return key;
}

// The package's main entry falls back to elliptic silently. This file is the native binding only.
function nativeSecp256k1(): Secp256k1 | null {
  try {
    const binding = createRequire(import.meta.url)('secp256k1/bindings') as typeof native;
    return {
      secp256k1Sign(key, digest) {
        const { signature, recid } = binding.ecdsaSign(digest, key);
        const out = new Uint8Array(65);
        out.set(signature);
        out[64] = 27 + recid;
        return { signature: out };
      },
      secp256k1Recover(digest, signature) {
        if (digest.length !== 32 || !isLowRecoverable(signature)) return null;
        try {
          return binding.ecdsaRecover(signature.subarray(0, 64), signature[64]! - 27, digest, false).slice(1);
        } catch {
          return null;
        }
      },
      secp256k1PublicKey: (key) => binding.publicKeyCreate(key, false).slice(1),
    };
  } catch {
    return null;
  }
}
const binding = nativeSecp256k1();

/** The implementation of secp256k1 in use. `noble` is correct but about twenty times slower. */
export const secp256k1Backend: 'native' | 'noble' = binding === null ? 'noble' : 'native';
export const { secp256k1Sign, secp256k1Recover, secp256k1PublicKey } = binding ?? nobleSecp256k1;
