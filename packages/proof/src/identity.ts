// did:key, index ids and addresses (docs/spec/identity.md).
import { did as didSchema, indexName } from '@tributary/schemas';
import { keccak256, sha256 } from '#crypto';
import { fromHex, toHex } from './bytes.ts';
import { publicKeysCachedMax } from './crypto/limits.ts';
import { isUsablePublicKey } from './crypto/public-key.ts';
import { ProofError } from './errors.ts';
import { createLru } from './lru.ts';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** Multicodec of an Ed25519 public key (0xed as a varint). */
const MULTICODEC = 'ed01';
const PREFIX = 'did:key:z';

const keys = createLru<string, Uint8Array>(publicKeysCachedMax);

/** The did:key of a raw Ed25519 public key (W3C did:key: multibase base58btc of multicodec and key). */
export function didFromPublicKey(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) throw new TypeError('an Ed25519 public key has 32 bytes');
  // The first byte is 0xed, so there are no leading zero bytes for base58 to mark.
  let rest = BigInt(`0x${MULTICODEC}${toHex(publicKey)}`);
  let digits = '';
  for (; rest > 0n; rest /= 58n) digits = BASE58.charAt(Number(rest % 58n)) + digits;
  return PREFIX + digits;
}

/**
 * Raw Ed25519 public key of a did:key; it must not be modified. The key must be canonical, not of low order and
 * torsion-free.
 *
 * @throws ProofError DID_KEY
 */
export function publicKeyFromDid(did: string): Uint8Array {
  const known = keys.get(did);
  if (known !== undefined) return known;
  const publicKey = didSchema.safeParse(did).success ? decodeKey(did.slice(PREFIX.length)) : null;
  if (publicKey === null) throw new ProofError('DID_KEY', 'not the did:key of an Ed25519 key');
  if (!isUsablePublicKey(publicKey))
    throw new ProofError('DID_KEY', `${did} is not usable: not a canonical point of prime order`);
  keys.set(did, publicKey);
  return publicKey;
}

function decodeKey(digits: string): Uint8Array | null {
  let value = 0n;
  for (const digit of digits) value = value * 58n + BigInt(BASE58.indexOf(digit));
  const hex = value.toString(16);
  return hex.length === 68 && hex.startsWith(MULTICODEC) ? fromHex(hex.slice(4)) : null;
}

/** First 32 hex digits of SHA-256 of the raw Ed25519 public key. */
export function fingerprint(publicKey: Uint8Array): string {
  return toHex(sha256(publicKey)).slice(0, 32);
}

/** `name@fingerprint`. @throws TypeError when the name breaks the rule for index names */
export function makeIndexId(name: string, publicKey: Uint8Array): string {
  if (!indexName.safeParse(name).success) throw new TypeError(`not an index name: ${JSON.stringify(name)}`);
  return `${name}@${fingerprint(publicKey)}`;
}

/** True when the index belongs to this owner. @throws ProofError DID_KEY */
export function indexIdOwnerMatches(indexId: string, did: string): boolean {
  return indexId.slice(indexId.lastIndexOf('@') + 1) === fingerprint(publicKeyFromDid(did));
}

/** Origin of the index's log, and name of the key that signs its checkpoints. */
export function logOrigin(indexId: string): string {
  return `tributary/${indexId}`;
}

/** EVM address of a secp256k1 public key `x ‖ y`: the last 20 bytes of its Keccak-256, lower-case. */
export function addressFromPublicKey(publicKey: Uint8Array): string {
  if (publicKey.length !== 64) throw new TypeError('a secp256k1 public key has 64 bytes here');
  return `0x${toHex(keccak256(publicKey).subarray(12))}`;
}
