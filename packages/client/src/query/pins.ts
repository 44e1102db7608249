import { checkPins } from '@tributary/proof';
import type { KnownOffer } from '../discovery/types.ts';
import type { QueryContext, Verified } from './types.ts';

/**
 * With trust, whose log is asked and who would be paid must be pinned; said before anything is signed.
 *
 * @throws ProofError LOG_UNPINNED, PAYEE_UNPINNED
 */
export function checkAsked({ trust }: Pick<QueryContext, 'trust'>, { identity, offer }: KnownOffer, cost: bigint): void {
  if (trust) checkPins(trust, { identity, index: offer.index, paid: cost > 0n });
}

/**
 * With trust, so must be who signed the records. This is known only once they are here: the answer is paid for and in the books by
 * then, and is refused all the same.
 *
 * @throws ProofError SIGNER_UNPINNED
 */
export function checkSigners({ trust }: Pick<QueryContext, 'trust'>, verified: Verified): Verified {
  const { identity, offer, writes } = verified.answer;
  const signers = writes.map(({ statement }) => statement.signer);
  if (trust) checkPins(trust, { identity, index: offer.index, paid: verified.answered.payment !== null, signers });
  return verified;
}
