// Byte strings and their text forms. One byte string has one spelling: every reader here refuses all others with a TypeError.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of a string. A lone surrogate has no UTF-8 form. @throws TypeError on one */
export function utf8(value: string): Uint8Array {
  if (!value.isWellFormed()) throw new TypeError('a string with a lone surrogate has no UTF-8 form');
  return encoder.encode(value);
}

/** The string that the bytes spell. @throws TypeError when they are not UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += HEX[byte];
  return out;
}

/** Bytes of lower-case hex without a prefix. @throws TypeError */
export function fromHex(hex: string): Uint8Array {
  if (hex.length % 2 !== 0) throw new TypeError('hex must have an even number of digits');
  const out = new Uint8Array(hex.length / 2);
  for (let at = 0; at < out.length; at++) out[at] = (hexDigit(hex, 2 * at) << 4) | hexDigit(hex, 2 * at + 1);
  return out;
}

function hexDigit(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  throw new TypeError(`not a lower-case hex digit at position ${at}`);
}

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = `${STANDARD.slice(0, 62)}-_`;

interface Alphabet {
  readonly digits: string;
  /** Two digits for each 12-bit value: three bytes are written by two look-ups. */
  readonly pairs: readonly string[];
  /** Value of each ASCII character; 255 for what is not a digit. */
  readonly values: Uint8Array;
}

function alphabet(digits: string): Alphabet {
  const values = new Uint8Array(128).fill(255);
  for (let at = 0; at < 64; at++) values[digits.charCodeAt(at)] = at;
  const pairs = Array.from({ length: 4096 }, (_, value) => digits.charAt(value >> 6) + digits.charAt(value & 63));
  return { digits, pairs, values };
}
const standard = alphabet(STANDARD);
const urlSafe = alphabet(URL_SAFE);

function encode64({ digits, pairs }: Alphabet, bytes: Uint8Array): string {
  const whole = bytes.length - (bytes.length % 3);
  let out = '';
  for (let at = 0; at < whole; at += 3) {
    const [a, b, c] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!];
    out += pairs[(a << 4) | (b >> 4)]! + pairs[((b & 15) << 8) | c]!;
  }
  if (bytes.length - whole === 1) return out + pairs[bytes[whole]! << 4]!;
  if (bytes.length - whole === 2) {
    const [a, b] = [bytes[whole]!, bytes[whole + 1]!];
    return out + pairs[(a << 4) | (b >> 4)]! + digits.charAt((b & 15) << 2);
  }
  return out;
}

function decode64({ values }: Alphabet, text: string): Uint8Array {
  const rest = text.length % 4;
  if (rest === 1) throw new TypeError('no byte string has this base64 length');
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let write = 0;
  let bits = 0;
  for (let at = 0; at < text.length; at++) {
    const value = values[text.charCodeAt(at)] ?? 255;
    if (value === 255) throw new TypeError(`not a base64 digit at position ${at}`);
    bits = ((bits << 6) | value) & 0xffffff;
    if (at % 4 === 1) out[write++] = bits >> 4;
    else if (at % 4 === 2) out[write++] = bits >> 2;
    else if (at % 4 === 3) out[write++] = bits;
  }
  const unused = rest === 2 ? bits & 15 : rest === 3 ? bits & 3 : 0;
  if (unused !== 0) throw new TypeError('unused last bits of base64 must be zero');
  return out;
}

/** Unpadded base64url (RFC 4648 §5). */
export function toBase64url(bytes: Uint8Array): string {
  return encode64(urlSafe, bytes);
}

/** Bytes of unpadded base64url whose unused last bits are zero. @throws TypeError */
export function fromBase64url(text: string): Uint8Array {
  return decode64(urlSafe, text);
}

/** Padded base64 (RFC 4648 §4), as C2SP texts use it. */
export function toBase64(bytes: Uint8Array): string {
  return encode64(standard, bytes) + ['', '==', '='][bytes.length % 3]!;
}

/** Bytes of padded base64 whose unused last bits are zero. @throws TypeError */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new TypeError('base64 must be padded to a multiple of four');
  const digits = text.endsWith('==') ? text.slice(0, -2) : text.endsWith('=') ? text.slice(0, -1) : text;
  return decode64(standard, digits);
}

/** The parts one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** True when both hold the same bytes. Not constant-time: everything compared here is public. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Big-endian integer of a fixed number of bytes. @throws RangeError when it does not fit */
function unsigned(value: bigint | number, bytes: number): Uint8Array {
  const big = BigInt(value);
  if (big < 0n || big >> BigInt(8 * bytes) !== 0n) throw new RangeError(`${value} is not an unsigned ${8 * bytes}-bit integer`);
  const out = new Uint8Array(bytes);
  let rest = big;
  for (let at = bytes - 1; at >= 0; at--, rest >>= 8n) out[at] = Number(rest & 0xffn);
  return out;
}

/** Big-endian 16-bit unsigned integer. @throws RangeError */
export function u16(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) throw new RangeError(`${value} is not an unsigned 16-bit integer`);
  return Uint8Array.of(value >> 8, value & 255);
}

/** Big-endian 32-bit unsigned integer. @throws RangeError */
export function u32(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new RangeError(`${value} is not an unsigned 32-bit integer`);
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

/** Big-endian 64-bit unsigned integer. @throws RangeError */
export function u64(value: bigint | number): Uint8Array {
  return unsigned(value, 8);
}

/** Big-endian 128-bit unsigned integer. @throws RangeError */
export function u128(value: bigint): Uint8Array {
  return unsigned(value, 16);
}

// Little-endian float32 is the form in which vectors are hashed and sent.
const LITTLE_ENDIAN_HOST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The vector's bytes, little-endian; on most hosts a view of its memory, so not to be written to. */
export function vectorBytes(vector: Float32Array): Uint8Array {
  if (LITTLE_ENDIAN_HOST) return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  const out = new DataView(new ArrayBuffer(vector.byteLength));
  for (const [at, value] of vector.entries()) out.setFloat32(4 * at, value, true);
  return new Uint8Array(out.buffer);
}

/** Little-endian float32 values as unpadded base64url. */
export function vectorToBase64url(vector: Float32Array): string {
  return toBase64url(vectorBytes(vector));
}

/** The vector that the text spells; whether its values are finite is for the caller to judge. @throws TypeError */
export function vectorFromBase64url(text: string): Float32Array {
  const bytes = fromBase64url(text);
  if (bytes.length % 4 !== 0) throw new TypeError('a float32 vector must be a multiple of four bytes');
  if (LITTLE_ENDIAN_HOST) return new Float32Array(bytes.buffer, 0, bytes.length / 4);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true));
}
