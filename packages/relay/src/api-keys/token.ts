import { hash } from 'node:crypto';

// The token of docs/spec/api-keys.md: trib_ID_SECRETCHECK, in lower-case base32.

const ID_BYTES = 10;
const SECRET_BYTES = 20;
const CHECK_BYTES = 5;
const TAG_CHECK = 'tributary/api-key-check/v1\n';
const TAG_TOKEN = 'tributary/api-key/v1\n';
const TOKEN = /^(trib_([a-z2-7]{16})_[a-z2-7]{32})([a-z2-7]{8})$/;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** The parts of a token. The token itself is shown once and never stored. */
export interface Token {
  id: string;
  token: string;
  /** The part that is stored: SHA-256, 64 hex digits. */
  hash: string;
}

export function newKeyId(randomBytes: (length: number) => Uint8Array): string {
  return base32(randomBytes(ID_BYTES));
}

/** A new secret for the key with that id. */
export function newToken(id: string, randomBytes: (length: number) => Uint8Array): Token {
  const body = `trib_${id}_${base32(randomBytes(SECRET_BYTES))}`;
  const token = body + checkOf(body);
  return { id, token, hash: hashOf(token) };
}

/** Parses what a caller sent; null when it is not a valid token, for example a mistyped one. */
export function parseToken(text: string): Token | null {
  const [, body, id, check] = TOKEN.exec(text) ?? [];
  if (body === undefined || id === undefined || check !== checkOf(body)) return null;
  return { id, token: text, hash: hashOf(text) };
}

const checkOf = (body: string): string => base32(hash('sha256', TAG_CHECK + body, 'buffer').subarray(0, CHECK_BYTES));
const hashOf = (token: string): string => hash('sha256', TAG_TOKEN + token, 'hex');

/** RFC 4648 §6 in lower case. All lengths here are multiples of five bytes, so there is no padding. */
function base32(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 5) {
    let group = bytes.subarray(at, at + 5).reduce((value, byte) => value * 256 + byte, 0); // 40 bits, exact in a double
    let letters = '';
    for (let count = 0; count < 8; count += 1) {
      letters = ALPHABET[group % 32] + letters;
      group = Math.floor(group / 32);
    }
    text += letters;
  }
  return text;
}
