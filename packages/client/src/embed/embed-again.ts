import { readEmbeddingOffer } from '@tributary/proof/payment';
import { readEmbedRequest, readIdentity } from '@tributary/proof/statements';
import { embeddingSale } from '@tributary/schemas';
import type { Link } from '../link/types.ts';
import { askHeadOf } from '../query/ask.ts';
import { askAgainTimeoutMs } from '../query/limits.ts';
import type { QueryContext } from '../query/types.ts';
import type { LostPayment } from '../wallet/wallet.ts';
import type { PreparedTexts } from './types.ts';
import { verifyVectors } from './verify-vectors.ts';

/**
 * Asks again with a ticket whose vectors were lost, with the original bytes, checks the answer and books it. Nobody
 * gets the vectors any more, so none is computed again.
 *
 * @throws TributaryError as the link and the verifier do
 */
export async function embedAgain({ payment, origin }: LostPayment, link: Link, context: QueryContext): Promise<void> {
  const { identity, hash: identityHash } = readIdentity(origin.identity);
  const { offer, hash: offerHash } = readEmbeddingOffer(origin.offer, { identity, hash: identityHash });
  const provider = { signedIdentity: origin.identity, identity, identityHash, addresses: [] };
  const { ticket } = payment;
  const prepared: PreparedTexts = {
    known: { ...provider, signedOffer: origin.offer, offer, offerHash },
    sale: embeddingSale(offer.model.digest),
    request: readEmbedRequest(origin.body),
    nonce: origin.nonce,
    body: new TextEncoder().encode(origin.body),
    bodyText: origin.body,
    requestHash: ticket.request,
    quote: BigInt(ticket.maxCharge),
    deadline: ticket.deadline,
  };
  const reply = await link.ask(askHeadOf(prepared, payment, context), prepared.body, { timeoutMs: askAgainTimeoutMs });
  if (reply.kind !== 'answer') return;
  const { answer } = verifyVectors(prepared, { receipt: reply.receipt, body: reply.body, payment }, context);
  await context.wallet?.acknowledge(payment, reply.receipt, answer.receiptHash);
}
