import { checkPins } from '@tributary/proof';
import type { Prepared, QueryContext, Verified } from './types.ts';

/**
 * With trust, the log and the payee must be pinned. This is checked before anything is signed.
 *
 * @throws ProofError LOG_UNPINNED, PAYEE_UNPINNED
 */
export function checkAsked({ known: { identity, offer }, quote }: Prepared, { trust }: Pick<QueryContext, 'trust'>): void {
  if (trust) checkPins(trust, { identity, index: offer.index, paid: quote > 0n });
}

/**
 * With trust, the signers of the records must be pinned too. They are known only when the answer is here. By then it is
 * paid for and booked; it is refused all the same.
 *
 * @throws ProofError SIGNER_UNPINNED
 */
export function checkSigners(verified: Verified, { trust }: Pick<QueryContext, 'trust'>): Verified {
  const { identity, offer, writes } = verified.answer;
  const signers = writes.map(({ statement }) => statement.signer);
  if (trust) checkPins(trust, { identity, index: offer.index, paid: verified.answered.payment !== null, signers });
  return verified;
}
