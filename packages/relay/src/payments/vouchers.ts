import { recoverVoucher, ticketHash, type Network } from '@tributary/proof/payment';
import type { HeldVoucher, Ticket, Voucher } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import type { LedgerChannel } from '../ledger/balances.ts';

/** The facts of a request that its ticket must repeat. */
export interface TicketFacts {
  readonly ticketId: string;
  readonly offer: string;
  readonly deadline: number;
  /** Computed from the received bytes. */
  readonly requestHash: string;
}

/**
 * Checks that the payment is for this very request: the hash of the ticket is computed from what was received, and the
 * channel's voucher signer must have signed the voucher over it.
 *
 * @throws RelayError VOUCHER_INVALID
 */
export function checkVoucher(
  payment: { readonly ticket: Ticket; readonly voucher: Voucher },
  facts: TicketFacts,
  channel: LedgerChannel,
  network: Network,
): HeldVoucher {
  const { ticket, voucher } = payment;
  const wrong = (what: string): RelayError =>
    new RelayError('VOUCHER_INVALID', `the ticket is for another ${what} than this request`);
  if (ticket.channel !== channel.id) throw wrong('channel');
  if (ticket.id !== facts.ticketId) throw wrong('ticket id');
  if (ticket.offer !== facts.offer) throw wrong('offer');
  if (ticket.deadline !== facts.deadline) throw wrong('deadline');
  if (ticket.request !== facts.requestHash) throw wrong('question');
  const ctx = ticketHash(ticket);
  const signer = recoverVoucher({ channel: channel.id, cumulative: voucher.cumulative, ctx }, voucher.signature, network);
  if (signer !== channel.terms.voucherSigner) {
    throw new RelayError(
      'VOUCHER_INVALID',
      `the voucher is not signed by ${channel.terms.voucherSigner}, the voucher signer of this channel`,
    );
  }
  return { cumulative: voucher.cumulative, ctx, signature: voucher.signature };
}
