// The outer form of a C2SP signed note: text, blank line, signature lines.
import { noteBytesMax, noteSignaturesMax, utf8Length } from '@tributary/schemas';
import { fromBase64, fromHex, toBase64, toHex } from '../bytes.ts';
import { ProofError } from '../errors.ts';
import type { Vkey } from './vkey.ts';

export interface SignatureLine {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Uint8Array;
}

const LINE = /^\u2014 ([^\s+\p{Cc}]+) ([A-Za-z0-9+/]+={0,2})$/u;
const KEY_ID_BYTES = 4;

/** True for the text of a note: well-formed, without controls, ending in a newline. */
export function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && !hasControls(text);
}

/** True for a character below U+0020 other than a newline. */
function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 && code !== 0x0a) return true;
  }
  return false;
}

/** Splits a note at its last blank line; verifies nothing. @throws ProofError CHECKPOINT_FORMAT */
export function splitNote(note: string): { text: string; lines: SignatureLine[] } {
  if (note.length > noteBytesMax || utf8Length(note) > noteBytesMax) throw bad(`longer than ${noteBytesMax} bytes`);
  const at = note.lastIndexOf('\n\n');
  if (at < 0 || !isNoteText(note)) throw bad('it needs a text, a blank line and signature lines, without control characters');
  const lines = note.slice(at + 2, -1).split('\n');
  if (lines.length > noteSignaturesMax) throw bad(`more than ${noteSignaturesMax} signatures`);
  return { text: note.slice(0, at + 1), lines: lines.map(readLine) };
}

function readLine(line: string): SignatureLine {
  const [, name, encoded] = LINE.exec(line) ?? [];
  const bytes = name === undefined ? null : decode(encoded!);
  if (bytes === null || bytes.length <= KEY_ID_BYTES) throw bad('a signature line is malformed');
  return { name: name!, keyId: toHex(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.subarray(KEY_ID_BYTES) };
}

/** One signature line with its newline. */
export function formatLine(key: Vkey, signature: Uint8Array): string {
  const bytes = new Uint8Array(KEY_ID_BYTES + signature.length);
  bytes.set(fromHex(key.keyId));
  bytes.set(signature, KEY_ID_BYTES);
  return `\u2014 ${key.name} ${toBase64(bytes)}\n`;
}

function decode(encoded: string): Uint8Array | null {
  try {
    return fromBase64(encoded);
  } catch {
    return null;
  }
}

function bad(why: string): ProofError {
  return new ProofError('CHECKPOINT_FORMAT', `not a signed note: ${why}`);
}
