import { isFree, quoteOf } from '@tributary/proof/payment';
import { RelayError } from '../errors.ts';
import { inWords } from '../duration.ts';
import { checkAdmission } from '../payments/admission.ts';
import { isAllowed, type Policy } from '../policy/policy.ts';
import type { OwnOffer } from '../offers/offers.ts';
import {
  askerOf,
  Refused,
  unpaidNames,
  type Admitted,
  type Paid,
  type Received,
  type ServeState,
  type ServedIndex,
} from './types.ts';

/**
 * Decides whether a new question may be answered: the index is visible to the client, the owner's policy and the offer
 * allow the question, there is time, and the vouchers cover it. `charge` must follow in the same turn, so that no other
 * question of the channel comes between.
 *
 * @throws Refused INDEX_NOT_FOUND, PAYMENT_NEEDED, ABORTED; RelayError OFFER_UNKNOWN, CHANNEL_UNKNOWN, RATE_LIMITED,
 *   NOT_ALLOWED, TOPK_CAP, DEADLINE, MAX_CHARGE_TOO_LOW, IN_FLIGHT_CAP, CREDIT_INSUFFICIENT, VOUCHER_INSUFFICIENT
 */
export function admit(received: Received, money: Paid | null, state: ServeState): Admitted {
  const { head, request, context } = received;
  const served = visible(received, state);
  const { policy } = served;
  const offer = served.offers.byHash(head.offer);
  if (offer === null) throw unknownOffer(received);
  const free = context.isOwner || isFree(offer.offer.price);
  const paid = free ? null : payable(received, money, offer, state);
  if (!context.isOwner) limitRate(received, paid, policy, state);
  const names = [context.peer, ...(paid === null ? [] : [paid.channel.terms.payer, paid.channel.terms.voucherSigner])];
  if (!context.isOwner && !isAllowed(policy, names)) {
    throw new RelayError('NOT_ALLOWED', `the owner of ${request.index} answers only whom the policy names`);
  }
  if (request.topK > offer.offer.limits.topK) {
    throw new RelayError('TOPK_CAP', `${request.topK} results asked; the offer gives at most ${offer.offer.limits.topK}`);
  }
  const admitted = { ...received, served, offer, paid };
  checkTime(admitted, state);
  if (paid !== null) checkMoney(admitted, paid, state);
  return admitted;
}

/**
 * Counts all questions by voucher signer, and those that earn nothing by peer and payer. So nobody gets more unpaid
 * work with a new peer id, more channels or more voucher signers.
 */
function limitRate({ request: { index }, context }: Received, paid: Paid | null, policy: Policy, { rate, unpaid }: ServeState) {
  const { queriesPerMinute, unpaidPerMinute } = policy;
  for (const name of unpaidNames(context, paid)) {
    const key = `${name} ${index}`;
    // A paid question is counted as unpaid only later, if it earned nothing.
    const unpaidMs = paid === null ? unpaid.take(key, unpaidPerMinute) : unpaid.wait(key, unpaidPerMinute);
    if (unpaidMs > 0)
      throw limited(`the owner of ${index} gives ${unpaidPerMinute} answers that earn nothing a minute`, unpaidMs);
  }
  const waitMs = rate.take(`${askerOf(context, paid)} ${index}`, queriesPerMinute);
  if (waitMs > 0) throw limited(`the owner of ${index} allows ${queriesPerMinute} queries a minute`, waitMs);
}

const limited = (what: string, waitMs: number): Refused =>
  new Refused('RATE_LIMITED', `${what}; ask again in ${inWords(waitMs)}`, waitMs);

/**
 * A private index is looked up and then refused like one that does not exist, so that neither message nor time reveals
 * it.
 */
function visible({ request, context }: Received, { dependencies }: ServeState): ServedIndex {
  const served = dependencies.indexes.find(request.index);
  const hidden = served === null || (served.index.info().visibility === 'private' && !context.isOwner);
  if (hidden) throw new Refused('INDEX_NOT_FOUND', `no index ${request.index} here`);
  return served;
}

function payable({ head, request }: Received, money: Paid | null, { offer }: OwnOffer, { dependencies }: ServeState): Paid {
  if (head.payment === null)
    throw new Refused('PAYMENT_NEEDED', `${request.index} costs up to ${quoteOf(offer, request.topK)} ${offer.unit}`);
  // A channel that pays an earlier key of this provider ended with that key (docs/spec/ledger.md, restored backups).
  if (money === null || money.channel.closed || money.channel.terms.payee !== dependencies.ledger.payee) {
    throw new RelayError('CHANNEL_UNKNOWN', `no open channel ${head.payment.ticket.channel} here; open one`);
  }
  return money;
}

const unknownOffer = ({ head, request }: Received): RelayError =>
  new RelayError('OFFER_UNKNOWN', `offer ${head.offer} of ${request.index} is unknown or has expired; fetch the present one`);

function checkTime(admitted: Admitted, { dependencies }: ServeState): void {
  const { head, request, context, paid } = admitted;
  const { offer, hash } = admitted.offer;
  const nowMs = dependencies.now();
  if (context.signal?.aborted === true) throw new Refused('ABORTED', 'cancelled before it was started');
  if (offer.expiry <= nowMs)
    throw new RelayError('OFFER_UNKNOWN', `offer ${hash} of ${request.index} has expired; fetch the present one`);
  const floorMs = paid === null ? nowMs : Math.max(nowMs, dependencies.ledger.ticketFloorMs);
  if (head.deadline <= floorMs) throw new RelayError('DEADLINE', 'the deadline has passed; nothing was charged');
  if (head.deadline > nowMs + offer.deadlineMaxMs) {
    throw new RelayError('DEADLINE', `the deadline is further away than ${offer.deadlineMaxMs} ms, which the offer allows`);
  }
}

/** The ticket's maximum must reach the most that the answer may cost, and the channel's vouchers must cover it. */
function checkMoney(
  { request, offer: { offer } }: Admitted,
  { channel: { id }, voucher, maxCharge }: Paid,
  { dependencies: { ledger } }: ServeState,
): void {
  const quote = quoteOf(offer, request.topK);
  if (maxCharge < quote)
    throw new RelayError('MAX_CHARGE_TOO_LOW', `the ticket allows ${maxCharge}; the query may cost ${quote}`);
  // Looked up again, because the ledger may have been read again during the look-up of the ticket.
  const channel = ledger.channel(id);
  if (channel === null || channel.closed) throw new RelayError('CHANNEL_UNKNOWN', `no open channel ${id} here; open one`);
  checkAdmission(channel, ledger.hold(id), { cumulative: BigInt(voucher.cumulative), maxCharge }, offer);
}
