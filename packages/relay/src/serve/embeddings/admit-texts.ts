import { embeddingPriceOf, isFreeEmbedding, textBytesOf } from '@tributary/proof/payment';
import type { EmbeddingOffer, EmbedRequest } from '@tributary/schemas';
import { RelayError } from '../../errors.ts';
import { isAllowed } from '../../policy/policy.ts';
import { checkMoney, checkTime, limitRate, payable, unknownOffer } from '../rules/terms.ts';
import { Refused, type Paid, type ServeState } from '../types.ts';
import type { AdmittedTexts, AskedTexts } from './types.ts';

/**
 * Decides whether texts may be embedded: the model is on sale, the owner's terms and the offer allow the request, there
 * is time, and the vouchers cover it. `chargeTexts` must follow in the same turn.
 *
 * @throws Refused MODEL_NOT_FOUND, PAYMENT_NEEDED, ABORTED; RelayError OFFER_UNKNOWN, CHANNEL_UNKNOWN, RATE_LIMITED,
 *   NOT_ALLOWED, EMBEDDING_CAP, DEADLINE, MAX_CHARGE_TOO_LOW, IN_FLIGHT_CAP, CREDIT_INSUFFICIENT, VOUCHER_INSUFFICIENT
 */
export function admitTexts(received: AskedTexts, money: Paid | null, state: ServeState): AdmittedTexts {
  const { head, request, context } = received;
  const { model } = state.dependencies;
  if (model?.embedder.digest !== request.model)
    throw new Refused('MODEL_NOT_FOUND', `this provider sells no vectors of the model ${request.model}`);
  const { policy } = model;
  const offer = model.offers.byHash(head.offer);
  if (offer === null) throw unknownOffer(received);
  const textBytes = textBytesOf(request.texts);
  const price = embeddingPriceOf(offer.offer.price, request.texts.length, textBytes);
  const free = context.isOwner || isFreeEmbedding(offer.offer.price);
  const paid = free ? null : payable(received, money, `${price} ${offer.offer.unit}`, state);
  const { requestsPerMinute: perMinute, unpaidPerMinute } = policy;
  if (!context.isOwner) limitRate(received, paid, { perMinute, unpaidPerMinute }, state);
  const names = [context.peer, ...(paid === null ? [] : [paid.channel.terms.payer, paid.channel.terms.voucherSigner])];
  if (!context.isOwner && !isAllowed(policy, names))
    throw new RelayError('NOT_ALLOWED', 'the owner sells embeddings only to whom the policy names');
  checkLimits(request, textBytes, offer.offer);
  const admittedAt = checkTime(received, paid, offer, state);
  if (paid !== null) checkMoney(paid, price, offer.offer, state);
  return { ...received, model, offer, price, paid, admittedAt };
}

function checkLimits({ texts }: EmbedRequest, textBytes: number, { limits }: EmbeddingOffer): void {
  if (texts.length > limits.texts || textBytes > limits.textBytes)
    throw new RelayError(
      'EMBEDDING_CAP',
      `${texts.length} texts with ${textBytes} bytes; the offer takes at most ${limits.texts} with ${limits.textBytes}`,
    );
}
