import type { Receipt } from '@tributary/schemas';
import { ProofError } from '../../errors.ts';
import { checkClock } from '../clock.ts';
import type { AnswerParts, Expectations, VerifiedOffer, VerifiedReceipt, VerifiedSnapshot, VerifyOptions } from '../types.ts';

/** Step 11: what the client itself knows: its question, its ticket, its model, its clock. */
export function checkExpectations(
  parts: AnswerParts,
  offer: VerifiedOffer,
  verified: VerifiedReceipt,
  snapshot: VerifiedSnapshot,
  options: VerifyOptions,
): void {
  const { expected = {} } = options;
  checkAsked(parts, offer.hash, expected);
  if (expected.model !== undefined && expected.model !== snapshot.manifest.model)
    throw new ProofError('MODEL_MISMATCH', 'the index uses another model than the client');
  checkMost(verified.receipt, expected);
  checkClock(parts, snapshot, options);
}

/** @throws ProofError RECEIPT_CHARGE */
export function checkMost({ charge }: Receipt, { maxCharge }: Expectations): void {
  if (maxCharge !== undefined && BigInt(charge) > BigInt(maxCharge))
    throw new ProofError('RECEIPT_CHARGE', `the charge ${charge} exceeds the agreed ${maxCharge}`);
}

/** @throws ProofError REQUEST_MISMATCH, RECEIPT_MISMATCH, OFFER_MISMATCH */
export function checkAsked(
  { request, receipt }: Pick<AnswerParts, 'request' | 'receipt'>,
  offerHash: string,
  expected: Expectations,
): void {
  const asked = expected.request;
  if (asked !== undefined && (asked.nonce !== request.nonce || asked.body !== request.body))
    throw new ProofError('REQUEST_MISMATCH', 'the request delivered is not the one asked');
  if (expected.ticketId !== undefined && expected.ticketId !== receipt.ticket)
    throw new ProofError('RECEIPT_MISMATCH', 'the receipt answers another ticket');
  if (expected.offer !== undefined && expected.offer !== offerHash)
    throw new ProofError('OFFER_MISMATCH', 'the answer was made under another offer');
}
