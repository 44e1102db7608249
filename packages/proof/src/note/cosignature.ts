// C2SP tlog-cosignature for Ed25519 (signature type 0x04): u64 time ‖ signature over "cosignature/v1", the time and the checkpoint.
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from '#crypto';
import { concat, u64, utf8 } from '../bytes.ts';
import { formatLine, splitNote } from './text.ts';
import { makeVkey, NOTE_COSIGNATURE } from './vkey.ts';

const TIME_BYTES = 8;

function message(timestamp: number, text: string): Uint8Array {
  return utf8(`cosignature/v1\ntime ${timestamp}\n${text}`);
}

/** Time of a valid cosignature in Unix seconds, null for an invalid one. */
export function cosignatureTime(publicKey: Uint8Array, text: string, signature: Uint8Array): number | null {
  if (signature.length !== TIME_BYTES + 64) return null;
  const timestamp = Number(new DataView(signature.buffer, signature.byteOffset, TIME_BYTES).getBigUint64(0));
  if (!Number.isSafeInteger(timestamp)) return null;
  return ed25519Verify(publicKey, message(timestamp, text), signature.subarray(TIME_BYTES)) ? timestamp : null;
}

/**
 * Appends a witness's cosignature to a checkpoint note. The caller has checked that the checkpoint extends what the witness saw before.
 *
 * @param timestamp Unix seconds
 * @throws ProofError CHECKPOINT_FORMAT when the note is malformed
 */
export function cosignNote(options: { note: string; name: string; seed: Uint8Array; timestamp: number }): string {
  const { note, name, seed, timestamp } = options;
  const { text } = splitNote(note);
  const key = makeVkey({ name, publicKey: ed25519PublicKey(seed), type: NOTE_COSIGNATURE });
  const signature = ed25519Sign(seed, message(timestamp, text));
  return note + formatLine(key, concat(u64(timestamp), signature));
}
