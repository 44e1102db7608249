/**
 * Vectors as they are stored, without loss. The first byte of a float32 number, sign and seven bits of the exponent,
 * hardly varies within a vector: half a byte for each holds it, if all exponents lie within 14 powers of two of the
 * largest or are 0.
 */

/** First byte of a vector that is stored as it is. */
const PLAIN = 0xff;
/** Codes 1 to this one are exponents; 0 is 0. */
const CODES = 7;
/** Bytes of a number behind its first one. */
const REST = 3;

/**
 * `u8 0xff ‖ little-endian float32 values`, or `u8 base ‖ half a byte each, the first one low ‖ the three low bytes of
 * each, little-endian`. Half a byte is the sign ‖ three bits: 0 for seven bits that are 0, c for the seven bits `base +
 * c - 1`. No bytes for no values.
 */
export function packVector({ buffer, byteOffset, byteLength, length }: Float32Array): Uint8Array {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  if (length === 0) return bytes;
  let highest = 0;
  for (let at = 3; at < byteLength; at += 4) highest = Math.max(highest, bytes[at]! & 0x7f);
  const base = Math.max(1, highest - CODES + 1);
  const halves = (length + 1) >>> 1;
  const packed = new Uint8Array(1 + halves + REST * length);
  packed[0] = base;
  for (let place = 0; place < length; place += 1) {
    const from = 4 * place;
    const exponent = bytes[from + 3]! & 0x7f;
    if (exponent !== 0 && exponent < base) return plain(bytes);
    const code = (exponent === 0 ? 0 : exponent - base + 1) | ((bytes[from + 3]! & 0x80) >>> 4);
    packed[1 + (place >>> 1)]! |= code << ((place & 1) * 4);
    const to = 1 + halves + REST * place;
    packed[to] = bytes[from]!;
    packed[to + 1] = bytes[from + 1]!;
    packed[to + 2] = bytes[from + 2]!;
  }
  return packed;
}

function plain(bytes: Uint8Array): Uint8Array {
  const stored = new Uint8Array(1 + bytes.length);
  stored[0] = PLAIN;
  stored.set(bytes, 1);
  return stored;
}

/** @throws Error when the bytes are not those of a vector */
export function unpackVector(packed: Uint8Array): Float32Array<ArrayBuffer> {
  if (packed.length === 0) return new Float32Array(0);
  // `slice` of a Buffer is no copy.
  if (packed[0] === PLAIN) return new Float32Array(new Uint8Array(packed.subarray(1)).buffer);
  const length = Math.floor(((packed.length - 1) * 2) / (2 * REST + 1));
  const halves = (length + 1) >>> 1;
  if (packed.length !== 1 + halves + REST * length) throw new Error('the length is not that of a vector');
  const base = packed[0]!;
  const vector = new Float32Array(length);
  const bytes = new Uint8Array(vector.buffer);
  for (let place = 0; place < length; place += 1) {
    const code = (packed[1 + (place >>> 1)]! >>> ((place & 1) * 4)) & 0xf;
    const exponent = (code & CODES) === 0 ? 0 : base + (code & CODES) - 1;
    const from = 1 + halves + REST * place;
    const to = 4 * place;
    bytes[to] = packed[from]!;
    bytes[to + 1] = packed[from + 1]!;
    bytes[to + 2] = packed[from + 2]!;
    bytes[to + 3] = exponent | ((code & 8) << 4);
  }
  return vector;
}
