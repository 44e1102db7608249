import { embeddingPriceOf, type Network } from '@tributary/proof/payment';
import { embedTextsMax, requestBytesMax, type EmbeddingOffer } from '@tributary/schemas';
import { answerKeepMs, type Embedder } from '@tributary/store';
import { deadlineMaxMs } from '../payments/limits.ts';
import type { EmbeddingPolicy } from '../policy/embedding-policy.ts';
import { embeddingAnswerBytesMax, offerLifetimeMs } from './limits.ts';

/** What an offer of embeddings is made of. */
export interface EmbeddingFacts {
  /** Hash of the provider's identity statement. */
  readonly identity: string;
  readonly model: Pick<Embedder, 'card' | 'digest' | 'dimension' | 'maxTokens'>;
  readonly policy: EmbeddingPolicy;
}

/** Room for the other members of a request, and for what JSON escapes in usual texts. */
const TEXT_SHARE = 0.75;

/** The unsigned offer for these facts. It is valid from `nowMs` on. */
export function makeEmbeddingOffer(
  { identity, model, policy }: EmbeddingFacts,
  network: Network,
  unit: string,
  nowMs: number,
): EmbeddingOffer {
  const { price, requestsPerMinute, credit, maxInFlight } = policy;
  const { card, digest, dimension, maxTokens } = model;
  const limits = { texts: textsOf(dimension), textBytes: Math.floor(requestBytesMax * TEXT_SHARE), requestsPerMinute };
  return {
    v: 1,
    type: 'tributary/embedding-offer',
    identity,
    model: { id: card.id, digest, dimension, maxTokens, languages: [...(card.languages ?? [])] },
    price: { base: price.base, perText: price.perText, perKiB: price.perKiB },
    unit,
    network: { id: network.id, chainId: network.chainId, verifyingContract: network.verifyingContract },
    limits,
    credit,
    maxInFlight,
    maxCharge: String(embeddingPriceOf(price, limits.texts, limits.textBytes)),
    answerKeepMs,
    deadlineMaxMs,
    issued: nowMs,
    expiry: nowMs + offerLifetimeMs,
  };
}

/** The ledger keeps each answer for a while, so its length is bounded. A component is 16/3 characters. */
function textsOf(dimension: number): number {
  return Math.max(1, Math.min(embedTextsMax, Math.floor(embeddingAnswerBytesMax / ((dimension * 16) / 3))));
}
