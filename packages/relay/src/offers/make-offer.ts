import { priceOf, type Network } from '@tributary/proof/payment';
import { answerBytesMax, recordTextBytesMax, type Offer } from '@tributary/schemas';
import { answerKeepMs, type IndexInfo } from '@tributary/store';
import { deadlineMaxMs } from '../payments/limits.ts';
import type { Policy } from '../policy/policy.ts';
import { offerLifetimeMs } from './limits.ts';

/** What an offer is made of: facts about the index and its owner. */
export interface OfferFacts {
  /** Hash of the provider's identity statement. */
  readonly identity: string;
  readonly index: Pick<
    IndexInfo,
    | 'id'
    | 'visibility'
    | 'title'
    | 'description'
    | 'licence'
    | 'records'
    | 'model'
    | 'modelDigest'
    | 'dimension'
    | 'metric'
    | 'vectors'
    | 'questions'
  >;
  readonly policy: Policy;
}

/** The unsigned offer for these facts. It is valid from `nowMs` on. */
export function makeOffer({ identity, index, policy }: OfferFacts, network: Network, unit: string, nowMs: number): Offer {
  const { price, queriesPerMinute, exposurePerChannel, exposurePerEpoch, epochMs, credit, maxInFlight } = policy;
  return {
    v: 1,
    type: 'tributary/offer',
    identity,
    index: index.id,
    visibility: index.visibility,
    card: {
      title: index.title,
      description: index.description,
      licence: index.licence,
      records: index.records,
      model: index.modelDigest,
      modelId: index.model.id,
      languages: [...(index.model.languages ?? [])],
      dimension: index.dimension,
      metric: index.metric,
      ...(index.vectors === 'dense' ? {} : { vectors: index.vectors }),
      ...(index.questions.length === 0 ? {} : { questions: [...index.questions] }),
    },
    price: { base: price.base, perResult: price.perResult, perKiB: price.perKiB, empty: price.empty },
    unit,
    network: { id: network.id, chainId: network.chainId, verifyingContract: network.verifyingContract },
    limits: { topK: topKOf(policy), queriesPerMinute, exposurePerChannel, exposurePerEpoch, epochMs },
    credit,
    maxInFlight,
    maxCharge: maxChargeOf(policy),
    answerKeepMs,
    deadlineMaxMs,
    hiding: 'none',
    issued: nowMs,
    expiry: nowMs + offerLifetimeMs,
  };
}

/** Results beyond the exposure caps could never be shown. */
function topKOf({ topK, exposurePerChannel, exposurePerEpoch }: Policy): number {
  return Math.min(topK, exposurePerChannel ?? Infinity, exposurePerEpoch ?? Infinity);
}

/** Price of the most expensive answer: `topK` results of the longest text that fit in one answer, or no results. */
function maxChargeOf(policy: Policy): string {
  const { price } = policy;
  const topK = topKOf(policy);
  const full = priceOf(price, topK, Math.min(topK * recordTextBytesMax, answerBytesMax));
  const empty = BigInt(price.empty);
  const most = full > empty ? full : empty;
  const end = (1n << 128n) - 1n;
  return String(most < end ? most : end);
}
