import { isFree, quoteOf } from '@tributary/proof/payment';
import { RelayError } from '../errors.ts';
import { isAllowed } from '../policy/policy.ts';
import { checkMoney, checkTime, limitRate, payable, unknownOffer } from './rules/terms.ts';
import { Refused, type Admitted, type Paid, type Received, type ServeState, type ServedIndex } from './types.ts';

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
  const quote = quoteOf(offer.offer, request.topK);
  const paid = free ? null : payable(received, money, `up to ${quote} ${offer.offer.unit}`, state);
  const { queriesPerMinute: perMinute, unpaidPerMinute } = policy;
  if (!context.isOwner) limitRate(received, paid, { perMinute, unpaidPerMinute }, state);
  const names = [context.peer, ...(paid === null ? [] : [paid.channel.terms.payer, paid.channel.terms.voucherSigner])];
  if (!context.isOwner && !isAllowed(policy, names)) {
    throw new RelayError('NOT_ALLOWED', `the owner of ${request.index} answers only whom the policy names`);
  }
  if (request.topK > offer.offer.limits.topK) {
    throw new RelayError('TOPK_CAP', `${request.topK} results asked; the offer gives at most ${offer.offer.limits.topK}`);
  }
  const admittedAt = checkTime(received, paid, offer, state);
  if (paid !== null) checkMoney(paid, quote, offer.offer, state);
  return { ...received, served, offer, paid, admittedAt };
}

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
