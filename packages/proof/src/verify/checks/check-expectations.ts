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
  checkQuestion(parts, offer, expected);
  if (expected.model !== undefined && expected.model !== snapshot.manifest.model)
    throw new ProofError('MODEL_MISMATCH', 'the index uses another model than the client');
  if (expected.maxCharge !== undefined && BigInt(verified.receipt.charge) > BigInt(expected.maxCharge))
    throw new ProofError('RECEIPT_CHARGE', `the charge ${verified.receipt.charge} exceeds the agreed ${expected.maxCharge}`);
  checkClock(parts, snapshot, options);
}

function checkQuestion({ request, receipt }: AnswerParts, offer: VerifiedOffer, expected: Expectations): void {
  const asked = expected.request;
  if (asked !== undefined && (asked.nonce !== request.nonce || asked.body !== request.body))
    throw new ProofError('REQUEST_MISMATCH', 'the request delivered is not the one asked');
  if (expected.ticketId !== undefined && expected.ticketId !== receipt.ticket)
    throw new ProofError('RECEIPT_MISMATCH', 'the receipt answers another ticket');
  if (expected.offer !== undefined && expected.offer !== offer.hash)
    throw new ProofError('OFFER_MISMATCH', 'the answer was made under another offer');
}
