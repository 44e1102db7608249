// Byte strings and their text forms. Each byte string has one spelling; every reader here refuses all others with a
// TypeError.
import { decode64, encode64, standard, urlSafe } from './base64.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Stands for a hash where there is no predecessor or no channel. */
export const ZERO_HASH = '0'.repeat(64);

/** UTF-8 bytes of a string. A lone surrogate has no UTF-8 form. @throws TypeError on one */
export function utf8(value: string): Uint8Array {
  if (!value.isWellFormed()) throw new TypeError('a string with a lone surrogate has no UTF-8 form');
  return encoder.encode(value);
}

/**
 * The string that the bytes encode.
 *
 * @throws TypeError when they are not UTF-8
 */
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

/** The parts, concatenated. */
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
  putBigEndian(out, bytes, big);
  return out;
}

/**
 * Writes the value's bytes, most significant first, so that the last one is before `end`. Bytes above the highest that
 * is not 0 are left as they are.
 */
export function putBigEndian(out: Uint8Array, end: number, value: bigint): void {
  let at = end - 1;
  let rest = value;
  for (; rest > MAX_SAFE; rest >>= 8n) out[at--] = Number(rest & 0xffn);
  // Most amounts fit a number, whose arithmetic is some ten times as fast.
  for (let low = Number(rest); low > 0; low = Math.floor(low / 256)) out[at--] = low % 256;
}
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

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

/** The vector's bytes, little-endian. On most hosts a view of its memory, so it must not be modified. */
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

/** The little-endian float32 values, copied. The caller checks whether they are finite. */
export function vectorFromBytes(bytes: Uint8Array): Float32Array {
  if (bytes.length % 4 !== 0) throw new TypeError('a float32 vector must be a multiple of four bytes');
  const copy = new Uint8Array(bytes); // aligned
  if (LITTLE_ENDIAN_HOST) return new Float32Array(copy.buffer, 0, copy.length / 4);
  const view = new DataView(copy.buffer);
  return Float32Array.from({ length: copy.length / 4 }, (_, at) => view.getFloat32(4 * at, true));
}

/** Whether no component is infinite or NaN. A loop takes a tenth of the time of `every`. */
export function isFiniteVector(vector: Float32Array): boolean {
  for (let at = 0; at < vector.length; at += 1) if (!Number.isFinite(vector[at])) return false;
  return true;
}

/**
 * The vector that the text encodes. The caller checks whether its values are finite.
 *
 * @throws TypeError
 */
export function vectorFromBase64url(text: string): Float32Array {
  return vectorFromBytes(fromBase64url(text));
}
