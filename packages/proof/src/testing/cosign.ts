// A witness, for vectors and tests. Real witnesses are other people's programs.
import { ed25519PublicKey, ed25519Sign } from '#crypto';
import { concat, u64 } from '../bytes.ts';
import { cosignedBytes } from '../note/cosignature.ts';
import { formatLine, splitNote } from '../note/text.ts';
import { makeVkey, NOTE_COSIGNATURE } from '../note/vkey.ts';

/**
 * Appends a witness's cosignature to a checkpoint note. The caller has checked that the checkpoint extends what the
 * witness saw before.
 *
 * @param timestamp Unix seconds
 * @throws ProofError CHECKPOINT_FORMAT when the note is malformed
 */
export function cosignNote(options: { note: string; name: string; seed: Uint8Array; timestamp: number }): string {
  const { note, name, seed, timestamp } = options;
  const { text } = splitNote(note);
  const key = makeVkey({ name, publicKey: ed25519PublicKey(seed), type: NOTE_COSIGNATURE });
  const signature = ed25519Sign(seed, cosignedBytes(timestamp, text));
  return note + formatLine(key, concat(u64(timestamp), signature));
}
