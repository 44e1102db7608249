import type { SignedStatement } from '@tributary/schemas';
import { TAG_WRITE } from '../../domains.ts';
import { ProofError } from '../../errors.ts';
import { readWrite } from '../../statements/read.ts';
import { statementHash } from '../../statements/sign.ts';
import type { AnswerParts, VerifiedReceipt, VerifiedSnapshot, VerifiedWrite, VerifierCaches } from '../types.ts';

/**
 * Step 8: each write that a result names is delivered or known, signed, of this index, and not newer than the snapshot.
 *
 * @param exact true for a bundle file: the writes must be exactly the named ones, once each, in the order of first use
 * @returns the write of each result, in order
 */
export function checkWrites(
  parts: AnswerParts,
  { answer }: VerifiedReceipt,
  { manifest }: VerifiedSnapshot,
  { caches, exact }: { caches: VerifierCaches; exact: boolean },
): VerifiedWrite[] {
  const delivered = new Map<string, VerifiedWrite>();
  for (const signed of parts.writes) {
    const write = readDelivered(signed, caches);
    delivered.set(write.hash, write);
  }
  const named = [...new Set(answer.results.map(({ write }) => write))];
  const verified = new Map<string, VerifiedWrite>();
  for (const hash of named) {
    const write = delivered.get(hash) ?? (exact ? undefined : caches.writes.get(hash));
    if (write === undefined) throw new ProofError('WRITE_MISSING', `write ${hash}, which a result names, is not delivered`);
    checkPlace(write, manifest);
    verified.set(hash, write);
  }
  if (exact && (parts.writes.length !== named.length || [...delivered.keys()].some((hash, at) => hash !== named[at])))
    throw new ProofError(
      'WRITE_MISMATCH',
      'the writes delivered are not those that the results name, each once, in order of first use',
    );
  for (const write of verified.values()) caches.writes.set(write.hash, write);
  return answer.results.map(({ write }) => verified.get(write)!);
}

function readDelivered(signed: SignedStatement, caches: VerifierCaches): VerifiedWrite {
  const known = caches.writes.get(statementHash(TAG_WRITE, signed.body));
  // The hash proves the text, but not the signature that came with it this time.
  return known?.signed.signature === signed.signature ? known : { ...readWrite(signed), signed };
}

function checkPlace({ statement, hash }: VerifiedWrite, manifest: VerifiedSnapshot['manifest']): void {
  if (statement.index !== manifest.index) throw new ProofError('WRITE_MISMATCH', `write ${hash} is of another index`);
  const { sequence } = manifest.write;
  if (statement.sequence > sequence || (statement.sequence === sequence && hash !== manifest.write.hash))
    throw new ProofError('WRITE_MISMATCH', `write ${hash} is not among the ${sequence} writes of the snapshot`);
}
