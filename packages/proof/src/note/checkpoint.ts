// C2SP tlog-checkpoint: origin, size and root hash on one line each. Extension lines are refused, because witnesses
// make no statement about them.
import { fromBase64, toBase64 } from '../bytes.ts';
import { ProofError } from '../errors.ts';
import { openNote, signNote, type OpenedNote } from './note.ts';
import { isNoteText } from './text.ts';
import { makeVkey, NOTE_ED25519, type Vkey } from './vkey.ts';

export interface Checkpoint {
  readonly origin: string;
  /** Number of leaves of the log. */
  readonly size: number;
  /** Raw root hash, 32 bytes. */
  readonly root: Uint8Array;
}

const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

/** A number in decimal without leading zeros, up to 2^53 - 1; null for any other text. */
export function parseDecimal(text: string): number | null {
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}

/** A SHA-256 hash in base64; null for any other text. */
export function parseHash(text: string): Uint8Array | null {
  try {
    const hash = fromBase64(text);
    return hash.length === 32 ? hash : null;
  } catch {
    return null;
  }
}

/**
 * Parses the text of a checkpoint note, as {@link openNote} returns it.
 *
 * @throws ProofError CHECKPOINT_FORMAT
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const [origin = '', sizeLine = '', rootLine = ''] = lines;
  const size = parseDecimal(sizeLine);
  const root = parseHash(rootLine);
  if (!isNoteText(text) || lines.length !== 4 || origin === '' || size === null || root === null)
    throw new ProofError(
      'CHECKPOINT_FORMAT',
      'not a checkpoint: it needs origin, size and root hash on a line each, and no more',
    );
  return { origin, size, root };
}

/**
 * The text of a checkpoint.
 *
 * @internal exported for its tests
 */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** A checkpoint note signed by the log's key, whose name is the origin. */
export function signCheckpoint(options: Checkpoint & { seed: Uint8Array }): string {
  return signNote({ text: formatCheckpoint(options), name: options.origin, seed: options.seed });
}

/**
 * Opens the checkpoint of a known log. The log's own signature must exist and be valid, and so must the signatures of
 * known witnesses that signed.
 *
 * @throws ProofError CHECKPOINT_FORMAT, CHECKPOINT_SIGNATURE, COSIGNATURE, or CHECKPOINT_ORIGIN for another log's
 *   checkpoint
 */
export function openCheckpoint(options: {
  note: string;
  origin: string;
  publicKey: Uint8Array;
  witnesses?: readonly Vkey[];
}): Checkpoint & Pick<OpenedNote, 'verified' | 'unknown'> {
  const { note, origin, publicKey, witnesses = [] } = options;
  const log = makeVkey({ name: origin, publicKey, type: NOTE_ED25519 });
  const { text, verified, unknown } = openNote(note, [log, ...witnesses]);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin)
    throw new ProofError('CHECKPOINT_ORIGIN', `the checkpoint is of ${checkpoint.origin}, not of ${origin}`);
  if (!verified.some(({ name, type }) => type === NOTE_ED25519 && name === origin))
    throw new ProofError('CHECKPOINT_SIGNATURE', `the checkpoint is not signed by ${origin}`);
  return { ...checkpoint, verified, unknown };
}
