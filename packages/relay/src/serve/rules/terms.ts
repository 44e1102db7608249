import type { Offer } from '@tributary/schemas';
import { inWords } from '../../duration.ts';
import { RelayError } from '../../errors.ts';
import { checkAdmission } from '../../payments/admission.ts';
import { askerOf, Refused, unpaidNames, type Asked, type Paid, type ServeState } from '../types.ts';

// What a new request of any kind must meet: rate, payment, time and money (docs/spec/payment.md).

type Terms = Pick<Offer, 'issued' | 'expiry' | 'deadlineMaxMs' | 'unit' | 'credit' | 'maxInFlight'>;

/** @throws RelayError OFFER_UNKNOWN */
export const unknownOffer = ({ head, sale }: Asked): RelayError =>
  new RelayError('OFFER_UNKNOWN', `offer ${head.offer} of ${sale} is unknown or has expired; fetch the present one`);

/**
 * The payment of a request that is not free.
 *
 * @throws Refused PAYMENT_NEEDED; RelayError CHANNEL_UNKNOWN
 */
export function payable({ head, sale }: Asked, money: Paid | null, cost: string, { dependencies }: ServeState): Paid {
  if (head.payment === null) throw new Refused('PAYMENT_NEEDED', `${sale} costs ${cost}`);
  // A channel that pays an earlier key of this provider ended with that key (docs/spec/ledger.md, restored backups).
  if (money === null || money.channel.closed || money.channel.terms.payee !== dependencies.ledger.payee) {
    throw new RelayError('CHANNEL_UNKNOWN', `no open channel ${head.payment.ticket.channel} here; open one`);
  }
  return money;
}

/**
 * Counts all requests by voucher signer, and those that earn nothing by peer and payer. So nobody gets more unpaid work
 * with a new peer id, more channels or more voucher signers.
 *
 * @throws Refused RATE_LIMITED
 */
export function limitRate(
  { sale, context }: Asked,
  paid: Paid | null,
  { perMinute, unpaidPerMinute }: { perMinute: number; unpaidPerMinute: number },
  { rate, unpaid }: ServeState,
): void {
  for (const name of unpaidNames(context, paid)) {
    const key = `${name} ${sale}`;
    // A paid request is counted as unpaid only later, if it earned nothing.
    const unpaidMs = paid === null ? unpaid.take(key, unpaidPerMinute) : unpaid.wait(key, unpaidPerMinute);
    if (unpaidMs > 0) throw limited(`the owner of ${sale} gives ${unpaidPerMinute} answers that earn nothing a minute`, unpaidMs);
  }
  const waitMs = rate.take(`${askerOf(context, paid)} ${sale}`, perMinute);
  if (waitMs > 0) throw limited(`the owner of ${sale} allows ${perMinute} queries a minute`, waitMs);
}

const limited = (what: string, waitMs: number): Refused =>
  new Refused('RATE_LIMITED', `${what}; ask again in ${inWords(waitMs)}`, waitMs);

/** Free requests were already counted when they were admitted. */
export function countUnpaid({ sale, context }: Asked, paid: Paid | null, unpaidPerMinute: number, { unpaid }: ServeState): void {
  if (paid === null) return;
  for (const name of unpaidNames(context, paid)) unpaid.spend(`${name} ${sale}`, unpaidPerMinute);
}

/**
 * @returns the time of the admission, unix milliseconds. The receipt is dated with it, because what was checked holds
 *   then, wherever the clock goes and whatever expires until the charge.
 * @throws Refused ABORTED; RelayError OFFER_UNKNOWN, DEADLINE
 */
export function checkTime(
  { head, sale, context }: Asked,
  paid: Paid | null,
  { offer, hash }: { offer: Terms; hash: string },
  { dependencies }: ServeState,
): number {
  const nowMs = dependencies.now();
  if (context.signal?.aborted === true) throw new Refused('ABORTED', 'cancelled before it was started');
  if (offer.expiry <= nowMs) throw new RelayError('OFFER_UNKNOWN', `offer ${hash} of ${sale} has expired; fetch the present one`);
  // No client accepts an answer that is older than its offer, so it is not charged.
  if (offer.issued > nowMs)
    throw new RelayError('OFFER_UNKNOWN', `offer ${hash} of ${sale} was made while the clock was ahead; fetch the present one`);
  const floorMs = paid === null ? nowMs : Math.max(nowMs, dependencies.ledger.ticketFloorMs);
  if (head.deadline <= floorMs) throw new RelayError('DEADLINE', 'the deadline has passed; nothing was charged');
  if (head.deadline > nowMs + offer.deadlineMaxMs) {
    throw new RelayError('DEADLINE', `the deadline is further away than ${offer.deadlineMaxMs} ms, which the offer allows`);
  }
  return nowMs;
}

/**
 * Work for a client that has gone ends here, before it is charged.
 *
 * @throws Refused ABORTED; RelayError DEADLINE
 */
export function mustBeWanted({ head, context }: Asked, { dependencies }: ServeState): void {
  if (context.signal?.aborted === true) throw new Refused('ABORTED', 'cancelled before it was charged');
  if (dependencies.now() >= head.deadline)
    throw new RelayError('DEADLINE', 'not answered before the deadline; nothing was charged');
}

/**
 * The ticket's maximum must reach the most that the answer may cost, and the channel's vouchers must cover it.
 *
 * @throws RelayError MAX_CHARGE_TOO_LOW, CHANNEL_UNKNOWN, IN_FLIGHT_CAP, CREDIT_INSUFFICIENT, VOUCHER_INSUFFICIENT
 */
export function checkMoney(
  { channel: { id }, voucher, maxCharge }: Paid,
  quote: bigint,
  offer: Terms,
  { dependencies: { ledger } }: ServeState,
): void {
  if (maxCharge < quote)
    throw new RelayError('MAX_CHARGE_TOO_LOW', `the ticket allows ${maxCharge}; the query may cost ${quote}`);
  // Looked up again, because the ledger may have been read again during the look-up of the ticket.
  const channel = ledger.channel(id);
  if (channel === null || channel.closed) throw new RelayError('CHANNEL_UNKNOWN', `no open channel ${id} here; open one`);
  checkAdmission(channel, ledger.hold(id), { cumulative: BigInt(voucher.cumulative), maxCharge }, offer);
}
