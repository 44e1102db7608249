import { toBase64url } from '@tributary/proof/primitives';
import { ClientError } from '../errors.ts';
import type { Link } from '../link/types.ts';
import type { Payment, ProviderLedger } from '../wallet/wallet.ts';
import type { AskOptions, Order, QueryContext } from './types.ts';

/**
 * Reserves the payment of a question after checking the caps; null when it is free. A channel in doubt is first brought
 * in line with the provider's state.
 *
 * @param before the refused payment of this question, when it is tried again
 * @throws ClientError SPEND_CAP, PAYMENT_NEEDED; ProofError CHANNEL_STATE; LINK_CLOSED, or the provider's refusal
 */
export async function pay(
  prepared: Order,
  before: Payment | null,
  context: QueryContext,
  { signal, purse }: Pick<AskOptions, 'signal' | 'purse'> = {},
): Promise<Payment | null> {
  const { wallet } = context;
  if (prepared.quote === 0n) return null;
  if (!wallet) throw new ClientError('PAYMENT_NEEDED', `${prepared.sale} is not free and this client has no wallet`);
  const { offer, offerHash, identity, signedOffer, signedIdentity } = prepared.known;
  const { did, receiptSigner, payee: address } = identity;
  const link = await context.providers.link(prepared.known, signal);
  const ledger = ledgerOf(link);
  const payee = { did, receiptSigner, payee: address, network: offer.network, maxInFlight: offer.maxInFlight };
  await wallet.resync(payee, ledger, (lost) => context.askAgain(lost, link, context));
  if (signal?.aborted) throw new ClientError('ABORTED', 'the query was given up before it was paid for');
  return wallet.reserve(
    {
      payee,
      offerHash,
      requestHash: prepared.requestHash,
      ticketId: toBase64url(context.randomBytes(16)),
      maxCharge: prepared.quote,
      deadline: prepared.deadline,
      origin: {
        nonce: prepared.nonce,
        body: prepared.bodyText,
        offer: signedOffer,
        identity: signedIdentity,
        ...(prepared.key === undefined ? {} : { key: prepared.key }),
      },
      mostLocked: purse?.mostLocked() ?? null,
      before,
    },
    ledger,
    signal,
  );
}

/** The provider's ledger in the form that the wallet uses. */
export function ledgerOf(link: Link): ProviderLedger {
  return {
    credit: async (payer) => BigInt((await link.call('credit', { payer })).available),
    open: (request) => link.call('openChannel', request),
    read: (about) => link.call('channelState', about),
    close: (about) => link.call('closeChannel', about),
  };
}
