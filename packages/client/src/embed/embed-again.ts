import { ProofError } from '@tributary/proof';
import { readEmbeddingOffer } from '@tributary/proof/payment';
import { readEmbedRequest, readIdentity } from '@tributary/proof/statements';
import { embeddingSale } from '@tributary/schemas';
import type { FaultStore } from '../faults/fault-store.ts';
import type { Link } from '../link/types.ts';
import { askHeadOf } from '../query/ask.ts';
import { askAgainTimeoutMs } from '../query/limits.ts';
import { bookAgain, refusedAgain } from '../query/repair.ts';
import type { QueryContext } from '../query/types.ts';
import type { Again, LostPayment } from '../wallet/wallet.ts';
import type { PreparedTexts } from './types.ts';
import { verifyVectors } from './verify-vectors.ts';

/**
 * Asks again with a ticket whose vectors were lost, with the original bytes, checks the answer, keeps it and books it.
 * None of the vectors is computed again. Those of a seller that was caught are not kept.
 *
 * @throws TributaryError as the link and the verifier do; ClientError WALLET_WRITE
 */
export async function embedAgain(
  lost: LostPayment,
  link: Link,
  context: QueryContext,
  faults: Pick<FaultStore, 'has'>,
): Promise<Again> {
  const { payment, origin } = lost;
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
  if (reply.kind !== 'answer') return refusedAgain(reply.code);
  const verified = verifyVectors(
    prepared,
    { receipt: reply.receipt, body: reply.body, records: reply.records, payment },
    context,
  );
  return bookAgain(verified, lost, context, () => {
    if (faults.has(identity.did)) throw new ProofError('EMBEDDING_MISMATCH', `${identity.did} sold a false vector before`);
  });
}
