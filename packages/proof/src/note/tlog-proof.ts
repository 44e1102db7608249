// C2SP tlog-proof@v1: an inclusion proof and the checkpoint it leads to, in one text. The optional `extra` line is
// refused.
import { merklePathHashesMax, noteBytesMax } from '@tributary/schemas';
import { toBase64 } from '../bytes.ts';
import { ProofError } from '../errors.ts';
import { parseDecimal, parseHash } from './checkpoint.ts';

export interface TlogProof {
  /** Number of the leaf, counting from 0. */
  readonly index: number;
  /** Raw hashes from the leaf upward. */
  readonly path: readonly Uint8Array[];
  /** The checkpoint note, verbatim. */
  readonly checkpoint: string;
}

const HEADER = 'c2sp.org/tlog-proof@v1\n';
const INDEX = 'index ';

/**
 * Parses a tlog-proof; verifies nothing.
 *
 * @throws ProofError CHECKPOINT_FORMAT
 */
export function parseTlogProof(text: string): TlogProof {
  // Bounds the work below in characters. The note inside is bounded in bytes when it is opened.
  if (text.length > noteBytesMax) throw bad(`longer than ${noteBytesMax} bytes`);
  const end = text.indexOf('\n\n');
  if (!text.startsWith(HEADER) || end < 0) throw bad('it needs a header line, an index, hashes and a checkpoint');
  const [indexLine = '', ...hashes] = text.slice(HEADER.length, end).split('\n');
  const index = indexLine.startsWith(INDEX) ? parseDecimal(indexLine.slice(INDEX.length)) : null;
  if (index === null) throw bad('the second line must be "index" and a number');
  if (hashes.length > merklePathHashesMax) throw bad(`more than ${merklePathHashesMax} hashes`);
  const path = hashes.map((line) => {
    const hash = parseHash(line);
    if (hash === null) throw bad('a line of the path is not the base64 of a SHA-256 hash');
    return hash;
  });
  return { index, path, checkpoint: text.slice(end + 2) };
}

/** The text of a tlog-proof. */
export function formatTlogProof({ index, path, checkpoint }: TlogProof): string {
  const hashes = path.map((hash) => `${toBase64(hash)}\n`).join('');
  return `${HEADER}${INDEX}${index}\n${hashes}\n${checkpoint}`;
}

function bad(why: string): ProofError {
  return new ProofError('CHECKPOINT_FORMAT', `not a tlog-proof: ${why}`);
}
