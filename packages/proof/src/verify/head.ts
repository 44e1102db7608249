import { equalBytes } from '../bytes.ts';
import { ProofError } from '../errors.ts';
import { verifyConsistency } from '../merkle/proof.ts';
import type { LogHead } from './types.ts';

/**
 * Compares the head of a log with the last one seen. A larger head needs the consistency path between the two.
 *
 * @returns true when the new head must be stored, false when it is the known one
 * @throws ProofError HEAD_ROLLBACK, HEAD_FORK, HEAD_CONSISTENCY; CHECKPOINT_ORIGIN when the heads are of different logs
 */
export function checkHead(known: LogHead | null, head: LogHead, consistency: readonly Uint8Array[] = []): boolean {
  if (known === null) return true;
  if (known.origin !== head.origin)
    throw new ProofError('CHECKPOINT_ORIGIN', `${head.origin} is another log than ${known.origin}`);
  if (head.size < known.size) throw new ProofError('HEAD_ROLLBACK', `the log had ${known.size} entries, now ${head.size}`);
  if (head.size === known.size) {
    if (equalBytes(head.root, known.root)) return false;
    throw new ProofError('HEAD_FORK', `two different heads of ${head.origin} with ${head.size} entries`);
  }
  const path = { first: known.size, second: head.size, firstRoot: known.root, secondRoot: head.root, path: consistency };
  if (!verifyConsistency(path))
    throw new ProofError(
      'HEAD_CONSISTENCY',
      `the head with ${head.size} entries is not proven to extend that with ${known.size}`,
    );
  return true;
}
