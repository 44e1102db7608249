import type { EmbedResult, KnownEmbeddingOffer } from '@tributary/client';
import { embeddingSale } from '@tributary/schemas';
import type { Caller } from '../../api-keys/types.ts';
import { payerOf, spend, type Outcome } from '../spend.ts';
import type { GatewayDeps } from '../types.ts';
import type { Waiting } from '../waiting.ts';

/**
 * When vectors are bought: `missing`: of models that this gateway lacks; `busy`: also of its own while it has much to
 * embed; `always`: also of its own, which then only checks.
 */
export type BuyWhen = 'missing' | 'busy' | 'always';

/** Vectors that others sell. */
export interface EmbeddingMarket {
  readonly when: BuyWhen;
  /** Offers of this model by owners that the gateway would ask; of all models when left out. */
  offers(model?: string): KnownEmbeddingOffer[];
  /**
   * Buys the vectors of texts from the budget of the caller's key. The proofs are kept.
   *
   * @throws RelayError API_KEY_*; the errors of the client, EMBEDDING_MISMATCH among them
   */
  buy(model: string, texts: string[], caller: Caller, waiting: Waiting): Promise<EmbedResult>;
}

type MarketDeps = Pick<GatewayDeps, 'client' | 'accounts' | 'kept' | 'proofs' | 'metrics'>;

export function createEmbeddingMarket(when: BuyWhen, deps: MarketDeps): EmbeddingMarket {
  const { client, proofs, metrics } = deps;
  return {
    when,
    offers: (model) => (model === undefined ? client.embeddings() : client.embeddings(model)),
    async buy(model, texts, caller, waiting) {
      const payer = await payerOf(caller, deps);
      const bought = await spend(payer, (purse) => client.embed({ model, texts }, { ...waiting, purse }), outcomeOf);
      metrics.textsBought.inc(texts.length);
      for (const { receipt, bundle } of bought.answers) proofs.keep(receipt, bundle);
      return bought;
    },
  };
}

const outcomeOf = ({ model, usage: { charge } }: EmbedResult): Outcome => ({
  charges: [{ index: embeddingSale(model.digest), charge }],
  failed: [],
});
