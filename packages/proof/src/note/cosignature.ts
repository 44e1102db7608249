// C2SP tlog-cosignature for Ed25519 (signature type 0x04): u64 time ‖ signature over "cosignature/v1", the time and the
// checkpoint.
import { ed25519Verify } from '#crypto';
import { utf8 } from '../bytes.ts';

const TIME_BYTES = 8;

/**
 * The bytes that a witness signs.
 *
 * @internal exported for its tests
 */
export function cosignedBytes(timestamp: number, text: string): Uint8Array {
  return utf8(`cosignature/v1\ntime ${timestamp}\n${text}`);
}

/** Time of a valid cosignature in Unix seconds, null for an invalid one. */
export function cosignatureTime(publicKey: Uint8Array, text: string, signature: Uint8Array): number | null {
  if (signature.length !== TIME_BYTES + 64) return null;
  const timestamp = Number(new DataView(signature.buffer, signature.byteOffset, TIME_BYTES).getBigUint64(0));
  if (!Number.isSafeInteger(timestamp)) return null;
  return ed25519Verify(publicKey, cosignedBytes(timestamp, text), signature.subarray(TIME_BYTES)) ? timestamp : null;
}
