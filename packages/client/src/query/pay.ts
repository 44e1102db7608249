import { toBase64url } from '@tributary/proof';
import { ClientError } from '../errors.ts';
import type { Link } from '../link/types.ts';
import type { ChannelOpener, Payment } from '../wallet/wallet.ts';
import type { Prepared, QueryContext } from './types.ts';

/**
 * Reserves the payment of a priced question: ticket and voucher, caps checked first. Null when the answer is free.
 *
 * @throws ClientError SPEND_CAP, PAYMENT_NEEDED
 */
export async function pay(prepared: Prepared, link: Link, context: QueryContext, signal?: AbortSignal): Promise<Payment | null> {
  if (prepared.quote === 0n) return null;
  if (!context.wallet)
    throw new ClientError('PAYMENT_NEEDED', `${prepared.known.offer.index} is not free and this client has no wallet`);
  const { offer, offerHash, identity } = prepared.known;
  return context.wallet.reserve(
    {
      payee: { payee: identity.payee, network: offer.network, maxInFlight: offer.maxInFlight },
      offerHash,
      requestHash: prepared.requestHash,
      ticketId: toBase64url(context.randomBytes(16)),
      maxCharge: prepared.quote,
      deadline: prepared.deadline,
      origin: {
        nonce: prepared.nonce,
        body: prepared.bodyText,
        offer: prepared.known.signedOffer,
        identity: prepared.known.signedIdentity,
      },
    },
    openerOf(link),
    signal,
  );
}

/** The provider's ledger, as a wallet asks it. */
function openerOf(link: Link): ChannelOpener {
  return {
    credit: async (payer) => BigInt((await link.call('credit', { payer })).available),
    open: (request) => link.call('openChannel', request),
  };
}
