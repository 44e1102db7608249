import type { Offer } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import type { LedgerChannel } from '../ledger/balances.ts';
import { inFlightPauseMs } from './limits.ts';
import type { Hold } from './reservations.ts';

/**
 * The admission rule: vouchers plus the owner's credit K must cover what is charged, reserved and asked for
 * (docs/spec/payment.md). The order of requests does not matter, because a later voucher covers earlier tickets.
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
