import type { SignedStatement, WritersStatement } from '@tributary/schemas';
import { TAG_WRITERS } from '../../domains.ts';
import { ProofError } from '../../errors.ts';
import { readWriters } from '../../statements/read.ts';
import { statementHash } from '../../statements/sign.ts';
import { checkScope, delegationsOf } from '../../statements/writers.ts';
import type { AnswerParts, VerifiedReceipt, VerifiedSnapshot, VerifiedWrite, VerifierCaches } from '../types.ts';

/**
 * Step 8, second part: each write is signed by the owner of the index, or by a writer to whom the owner had delegated
 * the namespace of the result when the write was made (docs/spec/writers.md).
 *
 * @param exact true for a bundle file: there is a list of writers only if a write needs it
 */
export function checkWriters(
  parts: AnswerParts,
  { answer }: VerifiedReceipt,
  { manifest }: VerifiedSnapshot,
  writes: readonly VerifiedWrite[],
  { caches, exact }: { caches: VerifierCaches; exact: boolean },
): void {
  const others = answer.results.flatMap((result, at) => {
    const { statement } = writes[at]!;
    return statement.signer === manifest.provider ? [] : [{ statement, namespace: result.shown.namespace.value }];
  });
  if (others.length === 0) {
    if (exact && parts.writers !== undefined)
      throw new ProofError('WRITERS_MISMATCH', 'a list of writers is delivered, and every write is by the owner');
    return;
  }
  const list = readDelivered(parts.writers, manifest, caches);
  for (const { statement, namespace } of others) checkScope(delegationsOf(list, statement.signer, statement.sequence), namespace);
}

function readDelivered(
  signed: SignedStatement | undefined,
  { index, provider, writers }: VerifiedSnapshot['manifest'],
  { writers: known }: VerifierCaches,
): WritersStatement | null {
  if (writers === undefined && signed === undefined) return null; // then nobody has a delegation
  if (signed === undefined || statementHash(TAG_WRITERS, signed.body) !== writers)
    throw new ProofError('WRITERS_MISMATCH', 'the list of writers that the manifest names is not delivered');
  // The key covers everything that the verification depends on.
  const key = JSON.stringify([provider, signed.body, signed.signature]);
  const statement = known.get(key) ?? readWriters(signed, provider).statement;
  if (statement.index !== index) throw new ProofError('WRITERS_MISMATCH', 'the list of writers is of another index');
  known.set(key, statement);
  return statement;
}
