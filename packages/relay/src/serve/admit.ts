import { isFree, quoteOf } from '@tributary/proof/payment';
import { RelayError } from '../errors.ts';
import { inWords } from '../duration.ts';
import { isAllowed, type Policy } from '../policy/policy.ts';
import type { OwnOffer } from '../offers/offers.ts';
import { callersOf, Refused, type Admitted, type Paid, type Received, type ServeState, type ServedIndex } from './types.ts';

/**
 * Decides whether the index exists for the asker, and whether the owner's policy and the offer allow a new question. What the payment
 * must cover is judged later, in one turn with the room that it takes.
 *
 * @throws RelayError RATE_LIMITED, NOT_ALLOWED, OFFER_UNKNOWN, TOPK_CAP, CHANNEL_UNKNOWN; Refused INDEX_NOT_FOUND, PAYMENT_NEEDED
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
  return { ...received, served, offer, paid };
}

/** By peer and by payer: a payer that changes its peer id gains nothing, nor does a peer that opens many channels. */
function limitRate({ request: { index }, context }: Received, paid: Paid | null, policy: Policy, { rate, unpaid }: ServeState) {
  const { queriesPerMinute, unpaidPerMinute } = policy;
  for (const caller of callersOf(context, paid)) {
    const key = `${caller} ${index}`;
    // Work that may earn something is counted when it is known that it did not.
    const unpaidMs = paid === null ? unpaid.take(key, unpaidPerMinute) : unpaid.wait(key, unpaidPerMinute);
    if (unpaidMs > 0)
      throw limited(`the owner of ${index} gives ${unpaidPerMinute} answers that earn nothing a minute`, unpaidMs);
    const waitMs = rate.take(key, queriesPerMinute);
    if (waitMs > 0) throw limited(`the owner of ${index} allows ${queriesPerMinute} queries a minute`, waitMs);
  }
}

const limited = (what: string, waitMs: number): Refused =>
  new Refused('RATE_LIMITED', `${what}; ask again in ${inWords(waitMs)}`, waitMs);

/** A private index is looked up, then refused like one that does not exist, so that neither words nor time tell the two apart. */
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
