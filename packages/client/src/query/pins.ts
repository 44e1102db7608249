import { checkPins } from '@tributary/proof';
import type { Prepared, QueryContext, Verified } from './types.ts';

/**
 * With trust, whose log is asked and who would be paid must be pinned; said before anything is signed.
 *
 * @throws ProofError LOG_UNPINNED, PAYEE_UNPINNED
 */
export function checkAsked({ known: { identity, offer }, quote }: Prepared, { trust }: Pick<QueryContext, 'trust'>): void {
  if (trust) checkPins(trust, { identity, index: offer.index, paid: quote > 0n });
}

/**
 * With trust, so must be who signed the records. This is known only once they are here: the answer is paid for and in
 * the books by then, and is refused all the same.
 *
 * @throws ProofError SIGNER_UNPINNED
 */
export function checkSigners(verified: Verified, { trust }: Pick<QueryContext, 'trust'>): Verified {
  const { identity, offer, writes } = verified.answer;
  const signers = writes.map(({ statement }) => statement.signer);
  if (trust) checkPins(trust, { identity, index: offer.index, paid: verified.answered.payment !== null, signers });
  return verified;
}
