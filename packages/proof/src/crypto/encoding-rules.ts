// Input that both implementations refuse before any curve arithmetic, so that their verdicts cannot differ.
import { fromHex, toHex } from '../bytes.ts';

/** Half of the secp256k1 group order, big-endian: the largest low `s` (SEC 1 §4.1.3 note, EIP-2). */
const HALF_ORDER = fromHex('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0');

/** True for 65 bytes `r ‖ s ‖ v` with `v` 27 or 28 and `s` in the lower half, so that no second valid form exists. */
export function isLowRecoverable(signature: Uint8Array): boolean {
  if (signature.length !== 65 || (signature[64] !== 27 && signature[64] !== 28)) return false;
  for (let at = 0; at < 32; at++) {
    const difference = signature[32 + at]! - HALF_ORDER[at]!;
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/**
 * True for the one encoding of a point that RFC 8032 §5.1.2 produces: y below 2^255 - 19, and no sign bit where x is
 * zero. Whether the point is on the curve is not checked. OpenSSL accepts other encodings too, and libraries differ, so
 * this is checked here.
 */
function isCanonicalPoint(point: Uint8Array): boolean {
  if (point.length !== 32) return false;
  const first = point[0]!;
  const top = point[31]! & 0x7f;
  const middle = (value: number) => point.subarray(1, 31).every((byte) => byte === value);
  if (top === 0x7f && first >= 0xed && middle(0xff)) return false;
  if (point[31]! < 0x80) return true;
  const one = first === 1 && top === 0 && middle(0);
  const minusOne = first === 0xec && top === 0x7f && middle(0xff);
  return !one && !minusOne;
}

/** y of the eight Edwards25519 points whose order divides 8, little-endian: orders 1, 2, 4, 8 and 8. */
const LOW_ORDER_Y = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);
const LOW_ORDER_FIRST_BYTES = new Set([0x01, 0xec, 0x00, 0x26, 0xc7]);

/** True for the canonical encoding of a point of low order. With such a point anybody could sign. */
function isLowOrder(point: Uint8Array): boolean {
  return LOW_ORDER_FIRST_BYTES.has(point[0]!) && LOW_ORDER_Y.has(toHex(point.with(31, point[31]! & 0x7f)));
}

/** True for a public key that signatures may be checked with. */
export function isVerificationKey(publicKey: Uint8Array): boolean {
  return isCanonicalPoint(publicKey) && !isLowOrder(publicKey);
}

/**
 * True for bytes that may be a signature. OpenSSL 3.0 accepts an `R` of low order and OpenSSL 3.5 does not, so this is
 * decided here.
 */
export function isEd25519Signature(signature: Uint8Array): boolean {
  return signature.length === 64 && !isLowOrder(signature.subarray(0, 32));
}
