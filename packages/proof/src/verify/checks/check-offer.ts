import { ProofError } from '../../errors.ts';
import { readOffer } from '../../payment/offer.ts';
import { isValid, ownTime } from '../clock.ts';
import type { AnswerParts, VerifiedIdentity, VerifiedOffer, VerifierCaches, VerifyOptions } from '../types.ts';

/** Step 3: the offer belongs to the identity (see `readOffer`), and was valid when the answer was made. */
export function checkOffer(
  parts: AnswerParts,
  owner: VerifiedIdentity,
  caches: VerifierCaches,
  options: VerifyOptions,
): VerifiedOffer {
  const { body, signature } = parts.offer;
  const key = owner.hash + signature + body + JSON.stringify(options.networks ?? []);
  const known = caches.offers.get(key);
  const verified = known ?? readOffer(parts.offer, owner, options);
  if (known === undefined) caches.offers.set(key, verified);
  if (!isValid(verified.offer, parts, ownTime(options)))
    throw new ProofError('OFFER_EXPIRED', 'the offer was not valid when the answer was made');
  return verified;
}
