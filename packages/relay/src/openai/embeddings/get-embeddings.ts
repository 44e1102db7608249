import { StoreError, type Embedder } from '@tributary/store';
import type { Caller } from '../../api-keys/types.ts';
import type { EmbeddingMarket } from '../../gateway/embeddings/market.ts';
import type { Waiting } from '../../gateway/waiting.ts';
import { embeddingsBusyTexts } from '../limits.ts';
import { embedTexts, toBase64, type AskedEmbeddings, type Embeddings } from './embeddings.ts';
import { toNumbers } from '../../numbers/float-text.ts';
import { ParamError } from '../param-error.ts';

/** Where vectors come from: the node's own model, and others that sell them. */
export interface VectorSources {
  own: Pick<Embedder, 'card' | 'dimension' | 'embedCounted'> | null;
  market: EmbeddingMarket | null;
}

export type GetEmbeddings = (asked: AskedEmbeddings, caller: Caller, waiting: Waiting) => Promise<Embeddings>;

/** Vectors of the own model, or bought ones where the gateway is told to buy and somebody sells. */
export function getEmbeddings({ own, market }: VectorSources): GetEmbeddings {
  let embedding = 0;
  const buys = (model: string): boolean => {
    if (market === null) return false;
    if (own === null || model !== own.card.id) return true;
    if (market.when === 'missing' || (market.when === 'busy' && embedding < embeddingsBusyTexts)) return false;
    return market.offers(model).length > 0;
  };
  return async (asked, caller, waiting) => {
    if (market !== null && buys(asked.model)) return buyVectors(market, asked, caller, waiting);
    if (own === null) throw new StoreError('MODEL_NOT_FOUND', `there is no model '${asked.model}' here, and no other`);
    embedding += asked.texts.length;
    try {
      return await embedTexts(own, asked, waiting.signal);
    } finally {
      embedding -= asked.texts.length;
    }
  };
}

async function buyVectors(
  market: EmbeddingMarket,
  { texts, model, dimensions, format }: AskedEmbeddings,
  caller: Caller,
  waiting: Waiting,
): Promise<Embeddings> {
  const offered = market.offers(model)[0]?.offer.model.dimension;
  if (dimensions !== undefined && offered !== undefined && dimensions !== offered)
    throw new ParamError('dimensions', `dimensions: the vectors of ${model} have ${offered} components, not ${dimensions}`);
  const { vectors, tokens, answers } = await market.buy(model, texts, caller, waiting);
  return {
    vectors: format === 'float' ? await toNumbers(vectors) : vectors.map(toBase64),
    tokens,
    receipts: answers.map(({ receipt }) => receipt),
  };
}
