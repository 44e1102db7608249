import { readIdentity, readOffer, readRequest } from '@tributary/proof';
import { TributaryError } from '@tributary/schemas';
import type { Link } from '../link/types.ts';
import type { LostPayment } from '../wallet/wallet.ts';
import { queryTimeoutMsDefault } from './limits.ts';
import type { Answered, KnownOffer, Prepared, QueryContext } from './types.ts';

/**
 * Asks a lost ticket once more with the bytes that it was made for. A provider that has answered it gives the same answer and receipt,
 * uncharged; one that has not may answer it now. Null when it refuses: the ticket is given back when its time is over, so that it can
 * never be charged, and stays open otherwise.
 *
 * @throws ClientError LINK_CLOSED, ASK_TIMEOUT; TributaryError CHANNEL_UNKNOWN when the provider no longer has the channel
 */
export async function resume(
  { payment, origin }: LostPayment,
  link: Link,
  context: QueryContext,
): Promise<{ prepared: Prepared; answered: Answered } | null> {
  const { ticket, voucher } = payment;
  const prepared = prepare({ payment, origin });
  const { id: ticketId, offer, deadline } = ticket;
  const head = { nonce: origin.nonce, offer, ticketId, deadline, payment: { ticket, voucher } };
  const reply = await link.ask(head, prepared.body, { timeoutMs: queryTimeoutMsDefault });
  if (reply.kind === 'answer') return { prepared, answered: { receipt: reply.receipt, body: reply.body, payment } };
  if (reply.code === 'DEADLINE') await context.wallet?.release(payment);
  if (reply.code === 'CHANNEL_UNKNOWN') throw new TributaryError(reply.code, reply.message);
  return null;
}

/** The question as it was asked. Which heads were known then is not known any more. */
function prepare({ payment, origin }: LostPayment): Prepared {
  const { ticket } = payment;
  const body = new TextEncoder().encode(origin.body);
  return {
    known: readKnown(origin),
    request: readRequest(origin.body),
    nonce: origin.nonce,
    body,
    bodyText: origin.body,
    requestHash: ticket.request,
    quote: BigInt(ticket.maxCharge),
    deadline: ticket.deadline,
    headSize: 0,
  };
}

function readKnown({ offer: signedOffer, identity: signedIdentity }: LostPayment['origin']): KnownOffer {
  const { identity, hash: identityHash } = readIdentity(signedIdentity);
  const { offer, hash: offerHash } = readOffer(signedOffer, { identity, hash: identityHash });
  return { signedIdentity, identity, identityHash, signedOffer, offer, offerHash, addresses: [] };
}
