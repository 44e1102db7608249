import { recoverVoucher, ticketHash, type Network } from '@tributary/proof/payment';
import type { HeldVoucher, Ticket, Voucher } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import type { LedgerChannel } from '../ledger/balances.ts';

/** What a request says beside its ticket; the ticket must say the same. */
export interface TicketFacts {
  readonly ticketId: string;
  readonly offer: string;
  readonly deadline: number;
  /** Computed from the bytes that were received. */
  readonly requestHash: string;
}

/**
 * Checks that the money is for this very request: the ticket's hash is computed anew from what was received, and the
 * voucher over it must be signed by the channel's voucher signer.
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
