// C2SP signed-note v1.0.0.
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from '#crypto';
import { utf8 } from '../bytes.ts';
import { ProofError } from '../errors.ts';
import { cosignatureTime } from './cosignature.ts';
import { formatLine, isNoteText, splitNote, type SignatureLine } from './text.ts';
import { makeVkey, NOTE_ED25519, type NoteKeyType, type Vkey } from './vkey.ts';

/** A signature that was checked. */
export interface NoteSignature {
  readonly name: string;
  readonly type: NoteKeyType;
  readonly publicKey: Uint8Array;
  /** Unix seconds; of cosignatures only. */
  readonly timestamp?: number;
}

export interface OpenedNote {
  readonly text: string;
  /** Each known key that signed, once, in the order of its first line. */
  readonly verified: readonly NoteSignature[];
  /** Number of lines by unknown keys. They prove nothing. */
  readonly unknown: number;
}

/** Signs a text that ends in a newline. @throws TypeError when the text cannot be a note */
export function signNote(options: { text: string; name: string; seed: Uint8Array }): string {
  const { text, name, seed } = options;
  if (!isNoteText(text)) throw new TypeError('the text of a note ends in a newline and holds no other control characters');
  const key = makeVkey({ name, publicKey: ed25519PublicKey(seed), type: NOTE_ED25519 });
  return `${text}\n${formatLine(key, ed25519Sign(seed, utf8(text)))}`;
}

/**
 * Reads a note and checks every signature whose name and key id match a known key. Lines of other keys are counted and
 * ignored.
 *
 * @throws ProofError CHECKPOINT_FORMAT when malformed; CHECKPOINT_SIGNATURE when a known key's signature is wrong or no
 *   known key signed; COSIGNATURE when a known witness's cosignature is wrong
 */
export function openNote(note: string, vkeys: readonly Vkey[]): OpenedNote {
  const { text, lines } = splitNote(note);
  const verified = new Map<Vkey, NoteSignature>();
  let unknown = 0;
  for (const line of lines) {
    const key = vkeys.find(({ name, keyId }) => name === line.name && keyId === line.keyId);
    if (key === undefined) {
      unknown++;
      continue;
    }
    const signature = checkLine(key, text, line);
    if (!verified.has(key)) verified.set(key, signature);
  }
  if (verified.size === 0) throw new ProofError('CHECKPOINT_SIGNATURE', 'the note is signed by no known key');
  return { text, verified: [...verified.values()], unknown };
}

function checkLine(key: Vkey, text: string, { signature }: SignatureLine): NoteSignature {
  const { name, type, publicKey } = key;
  if (type === NOTE_ED25519) {
    if (ed25519Verify(publicKey, utf8(text), signature)) return { name, type, publicKey };
    throw new ProofError('CHECKPOINT_SIGNATURE', `the note's signature by ${name} is wrong`);
  }
  const timestamp = cosignatureTime(publicKey, text, signature);
  if (timestamp === null) throw new ProofError('COSIGNATURE', `the cosignature by ${name} is wrong`);
  return { name, type, publicKey, timestamp };
}
