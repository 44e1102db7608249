import { ProofError } from '../../errors.ts';
import { readIdentity } from '../../statements/read.ts';
import { isValid } from '../clock.ts';
import type { AnswerParts, VerifiedIdentity, VerifierCaches } from '../types.ts';

/** Step 2: the identity is signed by its own key and its payee's, and was valid when the answer was made. */
export function checkIdentity(
  parts: Pick<AnswerParts, 'identity' | 'receipt'>,
  caches: Pick<VerifierCaches, 'identities'>,
  own: number | null,
): VerifiedIdentity {
  const { body, signature, payeeSignature } = parts.identity;
  const key = payeeSignature + signature + body;
  const known = caches.identities.get(key);
  const verified = known ?? readIdentity(parts.identity);
  if (known === undefined) caches.identities.set(key, verified);
  if (!isValid(verified.identity, parts, own))
    throw new ProofError('IDENTITY_EXPIRED', `the identity of ${verified.identity.did} was not valid when the answer was made`);
  return verified;
}
