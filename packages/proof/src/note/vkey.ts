// Verifier keys of C2SP signed-note: `name+keyID+base64(type ‖ public key)`.
import { sha256Parts } from '#crypto';
import { fromBase64, toBase64, toHex, utf8 } from '../bytes.ts';
import { isUsablePublicKey } from '../crypto/public-key.ts';
import { ProofError } from '../errors.ts';

/** The supported signature types: a log's Ed25519 signature, and a witness's timestamped cosignature. */
export const NOTE_ED25519 = 0x01;
export const NOTE_COSIGNATURE = 0x04;
export type NoteKeyType = typeof NOTE_ED25519 | typeof NOTE_COSIGNATURE;

export interface Vkey {
  readonly name: string;
  readonly type: NoteKeyType;
  /** Raw Ed25519 public key. */
  readonly publicKey: Uint8Array;
  /** 8 lower-case hex digits. */
  readonly keyId: string;
}

const NEW_LINE = Uint8Array.of(0x0a);
// JavaScript's \s covers the Unicode spaces that signed-note forbids in names.
const NAME = /^[^\s+\p{Cc}]+$/u;
const VKEY = /^([^\s+\p{Cc}]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u;

/** True for a valid key name: not empty, no spaces, no plus, no controls. */
function isKeyName(name: string): boolean {
  return name.isWellFormed() && NAME.test(name);
}

/** A verifier key from its parts. @throws TypeError on an invalid name or key */
export function makeVkey(key: { name: string; publicKey: Uint8Array; type: NoteKeyType }): Vkey {
  const { name, publicKey, type } = key;
  if (!isKeyName(name)) throw new TypeError(`not a key name: ${JSON.stringify(name)}`);
  if (publicKey.length !== 32) throw new TypeError('an Ed25519 public key has 32 bytes');
  return { name, type, publicKey, keyId: keyIdOf(name, type, publicKey) };
}

/** `SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]` in hex. */
function keyIdOf(name: string, type: number, publicKey: Uint8Array): string {
  return toHex(sha256Parts(utf8(name), NEW_LINE, Uint8Array.of(type), publicKey).subarray(0, 4));
}

/** The text form of a verifier key. @throws TypeError */
export function formatVkey(key: { name: string; publicKey: Uint8Array; type: NoteKeyType }): string {
  const { name, keyId, type, publicKey } = makeVkey(key);
  const material = new Uint8Array(33);
  material[0] = type;
  material.set(publicKey, 1);
  return `${name}+${keyId}+${toBase64(material)}`;
}

/**
 * Reads a verifier key of type 0x01 or 0x04 and checks its key id and its point.
 *
 * @throws ProofError CHECKPOINT_FORMAT
 */
export function parseVkey(text: string): Vkey {
  const [, name = '', keyId = '', encoded = ''] = (text.isWellFormed() && VKEY.exec(text)) || [];
  const material = decode(encoded);
  const type = material?.[0];
  if (material?.length !== 33 || (type !== NOTE_ED25519 && type !== NOTE_COSIGNATURE))
    throw new ProofError('CHECKPOINT_FORMAT', 'not a verifier key of an Ed25519 log or witness (name+keyID+base64)');
  const publicKey = material.slice(1);
  if (keyIdOf(name, type, publicKey) !== keyId)
    throw new ProofError('CHECKPOINT_FORMAT', `verifier key of ${name}: the key id is not that of this name and key`);
  if (!isUsablePublicKey(publicKey))
    throw new ProofError('CHECKPOINT_FORMAT', `verifier key of ${name}: not a canonical point of prime order`);
  return { name, type, publicKey, keyId };
}

function decode(encoded: string): Uint8Array | null {
  try {
    return fromBase64(encoded);
  } catch {
    return null;
  }
}
