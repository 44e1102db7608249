import { ProofError } from '../errors.ts';
import { readIdentity } from '../statements/read.ts';
import type { AnswerParts, VerifiedIdentity, VerifierCaches } from './types.ts';

/** Step 2: the identity is signed by its own key and was valid when the answer was made. */
export function checkIdentity(parts: AnswerParts, caches: VerifierCaches): VerifiedIdentity {
  const { body, signature, payeeSignature } = parts.identity;
  const key = payeeSignature + signature + body;
  const known = caches.identities.get(key);
  const verified = known ?? readIdentity(parts.identity);
  if (known === undefined) caches.identities.set(key, verified);
  const { issued, expiry, did } = verified.identity;
  const { servedAt } = parts.receipt;
  if (servedAt < issued || servedAt >= expiry)
    throw new ProofError('IDENTITY_EXPIRED', `the identity of ${did} was not valid at ${servedAt}, the time of the receipt`);
  return verified;
}
