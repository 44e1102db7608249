import { isFree, quoteOf } from '@tributary/proof';
import { RelayError } from '../errors.ts';
import { checkVoucher } from '../payments/voucher-check.ts';
import { isAllowed } from '../policy/policy.ts';
import type { KnownOffer } from '../policy/offers.ts';
import { Refused, type Admitted, type Paid, type Received, type ServeState } from './types.ts';

/**
 * Decides whether the owner's policy and the offer allow the question, and whether its payment is genuine. What the payment must cover
 * and whether its time is over is judged later: a ticket that was answered before is answered again in any case.
 *
 * @throws RelayError RATE_LIMITED, NOT_ALLOWED, OFFER_UNKNOWN, TOPK_CAP, CHANNEL_UNKNOWN, VOUCHER_INVALID; Refused PAYMENT_NEEDED
 */
export function admit(received: Received, state: ServeState): Admitted {
  const { head, request, served, context } = received;
  const { policy } = served;
  if (!context.isOwner) {
    const waitMs = state.rate.take(`${context.peer} ${request.index}`, policy.queriesPerMinute);
    if (waitMs > 0) {
      throw new Refused(
        'RATE_LIMITED',
        `the owner of ${request.index} allows ${policy.queriesPerMinute} queries a minute`,
        waitMs,
      );
    }
  }
  const offer = served.offers.byHash(head.offer);
  if (offer === null) throw unknownOffer(received);
  const free = context.isOwner || isFree(offer.offer.price);
  const paid = free ? null : payment(received, offer, state);
  const names = [
    context.peer,
    ...(context.did === undefined ? [] : [context.did]),
    ...(paid === null ? [] : [paid.channel.terms.payer, paid.channel.terms.voucherSigner]),
  ];
  if (!context.isOwner && !isAllowed(policy, names)) {
    throw new RelayError('NOT_ALLOWED', `the owner of ${request.index} answers only whom the policy names`);
  }
  if (request.topK > offer.offer.limits.topK) {
    throw new RelayError('TOPK_CAP', `${request.topK} results asked; the offer gives at most ${offer.offer.limits.topK}`);
  }
  return { ...received, offer, paid };
}

function payment({ head, request, requestHash }: Received, { hash, offer }: KnownOffer, { dependencies }: ServeState): Paid {
  const { ledger } = dependencies;
  if (head.payment === null)
    throw new Refused('PAYMENT_NEEDED', `${request.index} costs up to ${quoteOf(offer, request.topK)} ${offer.unit}`);
  const { ticket } = head.payment;
  const channel = ledger.channel(ticket.channel);
  // A channel that pays an earlier key of this provider ended with that key (docs/spec/ledger.md, restored backups).
  if (channel === null || channel.closed || channel.terms.payee !== ledger.payee) {
    throw new RelayError('CHANNEL_UNKNOWN', `no open channel ${ticket.channel} here; open one`);
  }
  const facts = { ticketId: head.ticketId, offer: hash, deadline: head.deadline, requestHash };
  const voucher = checkVoucher(head.payment, facts, channel, ledger.network);
  return { channel, voucher, maxCharge: BigInt(ticket.maxCharge) };
}

const unknownOffer = ({ head, request }: Received): RelayError =>
  new RelayError('OFFER_UNKNOWN', `offer ${head.offer} of ${request.index} is unknown or has expired; fetch the present one`);
