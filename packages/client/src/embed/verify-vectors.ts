import { verifyEmbeddings, type EmbeddingParts } from '@tributary/proof';
import { fromUtf8 } from '@tributary/proof/primitives';
import type { Answered } from '../query/types.ts';
import { embedTimeoutMs } from './limits.ts';
import type { EmbedContext, PreparedTexts, VerifiedTexts } from './types.ts';

/**
 * Checks everything about an answer that can be checked without the model.
 *
 * @throws ProofError with the code of the first check that failed
 */
export function verifyVectors(
  prepared: PreparedTexts,
  answered: Answered,
  { now, trust }: Pick<EmbedContext, 'now' | 'trust'>,
): VerifiedTexts {
  const { payment } = answered;
  const parts: EmbeddingParts = {
    request: { nonce: prepared.nonce, body: prepared.bodyText },
    response: answered.body,
    receipt: answered.receipt,
    payment: payment && { terms: payment.terms, ticket: payment.ticket, voucher: payment.voucher },
    offer: prepared.known.signedOffer,
    identity: prepared.known.signedIdentity,
  };
  const answer = verifyEmbeddings(parts, {
    now: now(),
    ...(trust ? { trust } : {}),
    ...(payment?.signed ? { ownVoucher: payment.signed } : {}),
    expected: {
      request: parts.request,
      askedAt: prepared.deadline - embedTimeoutMs,
      offer: prepared.known.offerHash,
      ...(payment ? { ticketId: payment.ticket.id } : {}),
      maxCharge: String(prepared.quote),
    },
  });
  // The link may reuse the buffer of the answer.
  const response = fromUtf8(answered.body);
  const bundle = () => ({ v: 1 as const, type: 'tributary/embedding-bundle' as const, ...parts, response });
  return { prepared, answered, answer, bundle };
}
