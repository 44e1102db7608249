import { recoverVoucher, ticketHash, type Network } from '@tributary/proof/payment';
import type { HeldVoucher, Offer, Ticket, Voucher } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import type { LedgerChannel } from '../ledger/balances.ts';
import type { Hold } from './reservations.ts';
import { inFlightPauseMs } from './limits.ts';

/** What a request says beside its ticket; the ticket must say the same. */
export interface TicketFacts {
  readonly ticketId: string;
  readonly offer: string;
  readonly deadline: number;
  /** Computed from the bytes that were received. */
  readonly requestHash: string;
}

/**
 * Checks that the money is for this very request: the ticket's hash is computed anew from what was received, and the voucher over it
 * must be signed by the channel's voucher signer.
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

/**
 * The admission rule: what the vouchers cover, and at most K more, must reach what is charged, promised and asked for
 * (docs/spec/payment.md). Order does not matter: any later voucher covers earlier tickets.
 *
 * @throws RelayError IN_FLIGHT_CAP, CREDIT_INSUFFICIENT, VOUCHER_INSUFFICIENT; a refusal changes nothing
 */
export function checkAdmission(
  channel: Pick<LedgerChannel, 'best' | 'charged' | 'deposit'>,
  hold: Readonly<Hold>,
  asked: { readonly cumulative: bigint; readonly maxCharge: bigint },
  terms: Pick<Offer, 'credit' | 'maxInFlight'>,
): void {
  if (hold.inFlight >= terms.maxInFlight) {
    throw new RelayError(
      'IN_FLIGHT_CAP',
      `${hold.inFlight} requests of this channel are running; the offer allows ${terms.maxInFlight}; ask again in a moment`,
      { retryAfterMs: inFlightPauseMs },
    );
  }
  const needed = channel.charged + hold.reserved + asked.maxCharge;
  if (asked.cumulative > channel.deposit || needed > channel.deposit) {
    const more = asked.cumulative > needed ? asked.cumulative : needed;
    throw new RelayError('CREDIT_INSUFFICIENT', `the deposit of ${channel.deposit} does not cover ${more}; top up the channel`);
  }
  const covered = [channel.best, BigInt(hold.best?.cumulative ?? 0), asked.cumulative].reduce((a, b) => (a > b ? a : b));
  const credit = BigInt(terms.credit);
  if (covered + credit < needed) {
    throw new RelayError('VOUCHER_INSUFFICIENT', `the vouchers cover ${covered}; send one of at least ${needed - credit}`);
  }
}
