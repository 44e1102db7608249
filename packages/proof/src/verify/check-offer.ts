import { ProofError } from '../errors.ts';
import { readOffer, type OfferOptions } from '../payment/offer.ts';
import type { AnswerParts, VerifiedIdentity, VerifiedOffer, VerifierCaches } from './types.ts';

/** Step 3: the offer is the identity's own (`readOffer` says how), and was valid when the answer was made. */
export function checkOffer(
  parts: AnswerParts,
  owner: VerifiedIdentity,
  caches: VerifierCaches,
  options: OfferOptions = {},
): VerifiedOffer {
  const { body, signature } = parts.offer;
  const key = owner.hash + signature + body + JSON.stringify(options.networks ?? []);
  const known = caches.offers.get(key);
  const verified = known ?? readOffer(parts.offer, owner, options);
  if (known === undefined) caches.offers.set(key, verified);
  const { offer } = verified;
  const { servedAt } = parts.receipt;
  if (servedAt < offer.issued || servedAt >= offer.expiry)
    throw new ProofError('OFFER_EXPIRED', `the offer was not valid at ${servedAt}, the time of the receipt`);
  return verified;
}
