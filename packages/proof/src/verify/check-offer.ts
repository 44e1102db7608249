import { ProofError } from '../errors.ts';
import { indexIdOwnerMatches } from '../identity.ts';
import { readOffer } from '../payment/offer.ts';
import type { AnswerParts, VerifiedIdentity, VerifiedOffer, VerifierCaches } from './types.ts';

/** Step 3: the offer is signed by the identity's receipt signer, for an index of its owner, and was valid when the answer was made. */
export function checkOffer(parts: AnswerParts, { identity, hash }: VerifiedIdentity, caches: VerifierCaches): VerifiedOffer {
  const { body, signature } = parts.offer;
  const key = identity.receiptSigner + signature + body;
  const known = caches.offers.get(key);
  const verified = known ?? readOffer(parts.offer, identity.receiptSigner);
  if (known === undefined) caches.offers.set(key, verified);
  const { offer } = verified;
  if (offer.identity !== hash) throw new ProofError('OFFER_MISMATCH', 'the offer names another identity than the one delivered');
  if (!indexIdOwnerMatches(offer.index, identity.did))
    throw new ProofError('IDENTITY_MISMATCH', `${identity.did} does not own ${offer.index}`);
  const { servedAt } = parts.receipt;
  if (servedAt < offer.issued || servedAt >= offer.expiry)
    throw new ProofError('OFFER_EXPIRED', `the offer was not valid at ${servedAt}, the time of the receipt`);
  return verified;
}
