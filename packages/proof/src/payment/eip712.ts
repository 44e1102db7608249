import type { Offer } from '@tributary/schemas';
import { keccak256, secp256k1Recover, secp256k1Sign } from '#crypto';
import { fromBase64url, fromHex, putBigEndian, toHex, utf8 } from '../bytes.ts';
import { addressFromPublicKey } from '../identity.ts';
import { domainCacheEntriesMax } from './limits.ts';

/** The ledger or chain that a signature is for: its EIP-712 domain (docs/spec/payment.md). */
export type Network = Offer['network'];

/** How a member of a struct is encoded. Its index in the list is its position. */
export type Member =
  | { readonly type: 'bytes32'; readonly hex: string }
  | { readonly type: 'bytes16'; readonly base64url: string }
  | { readonly type: 'address'; readonly address: string }
  | { readonly type: 'uint'; readonly bits: 8 | 40 | 64 | 128 | 256; readonly value: bigint | number };

const WORD = 32;
const DOMAIN_TYPE = keccak256(utf8('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'));
const DOMAIN_NAME = keccak256(utf8('Tributary'));
const DOMAIN_VERSION = keccak256(utf8('1'));

export const bytes32Member = (hex: string): Member => ({ type: 'bytes32', hex });
export const addressMember = (address: string): Member => ({ type: 'address', address });
export const uintMember = (bits: 8 | 40 | 64 | 128 | 256, value: bigint | number): Member => ({ type: 'uint', bits, value });

/** Hash of a struct's type string, computed once per type. */
export function typeHash(type: string): Uint8Array {
  return keccak256(utf8(type));
}

/**
 * EIP-712 digest of a struct: `keccak256(0x19 0x01 ‖ domainSeparator ‖ keccak256(typeHash ‖ members))`. Packed by hand
 * because general libraries re-derive types and domain on each call, which costs more than the signature.
 *
 * @throws RangeError when a number does not fit its type
 */
export function typedDigest(type: Uint8Array, members: readonly Member[], network: Network): Uint8Array {
  const message = new Uint8Array(2 + 2 * WORD);
  message.set([0x19, 0x01]);
  message.set(domainSeparator(network), 2);
  message.set(structHash(type, members), 2 + WORD);
  return keccak256(message);
}

/** Signature of a 32-byte digest as 130 hex digits r, s, v. */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): string {
  return toHex(secp256k1Sign(privateKey, digest).signature);
}

/** Address that signed a digest; null when the signature is malformed, has a high s or belongs to no key. */
export function recoverDigest(digest: Uint8Array, signature: string): string | null {
  const publicKey = secp256k1Recover(digest, fromHex(signature));
  return publicKey === null ? null : addressFromPublicKey(publicKey);
}

const separators = new Map<string, Uint8Array>();

function domainSeparator(network: Network): Uint8Array {
  const key = `${network.chainId} ${network.verifyingContract}`;
  const known = separators.get(key);
  if (known !== undefined) return known;
  const words = new Uint8Array(5 * WORD);
  words.set(DOMAIN_TYPE);
  words.set(DOMAIN_NAME, WORD);
  words.set(DOMAIN_VERSION, 2 * WORD);
  putMember(words, 3, uintMember(256, network.chainId));
  putMember(words, 4, addressMember(network.verifyingContract));
  const separator = keccak256(words);
  if (separators.size >= domainCacheEntriesMax) separators.clear();
  separators.set(key, separator);
  return separator;
}

function structHash(type: Uint8Array, members: readonly Member[]): Uint8Array {
  const words = new Uint8Array((members.length + 1) * WORD);
  words.set(type);
  members.forEach((member, at) => putMember(words, at + 1, member));
  return keccak256(words);
}

function putMember(words: Uint8Array, word: number, member: Member): void {
  const start = word * WORD;
  switch (member.type) {
    case 'bytes32':
      words.set(sized(fromHex(member.hex), 32), start);
      return;
    case 'bytes16': // Short byte strings are aligned to the left (EIP-712 encodeData).
      words.set(sized(fromBase64url(member.base64url), 16), start);
      return;
    case 'address':
      words.set(sized(fromHex(member.address.slice(2)), 20), start + 12);
      return;
    case 'uint':
      putUint(words, start, BigInt(member.value), member.bits);
  }
}

function putUint(words: Uint8Array, start: number, value: bigint, bits: number): void {
  if (value < 0n || value >> BigInt(bits) !== 0n) throw new RangeError(`${value} does not fit uint${bits}`);
  putBigEndian(words, start + WORD, value);
}

function sized(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new RangeError(`${bytes.length} bytes where ${length} are due`);
  return bytes;
}
