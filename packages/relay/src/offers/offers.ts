import { recoverEmbeddingOffer, recoverOffer, signEmbeddingOffer, signOffer } from '@tributary/proof/payment';
import type { EmbeddingOffer, Offer } from '@tributary/schemas';
import type { Ledger } from '../payments/ledger.ts';
import { makeEmbeddingOffer, type EmbeddingFacts } from './make-embedding-offer.ts';
import { makeOffer, type OfferFacts } from './make-offer.ts';
import { createShelf, type OfferBook, type OwnOffer, type Shelf } from './shelf.ts';

/** The offers of a provider. */
export interface Offers {
  of(indexId: string): OfferBook<Offer>;
  /** Offers of embeddings, by the digest of their model. */
  ofModel(digest: string): OfferBook<EmbeddingOffer>;
  /**
   * The offer for these facts: the present one if its terms are the same and it is young, otherwise a new one, which is
   * on disk before it is shown. Call it when the facts change and at intervals.
   *
   * @throws RelayError LEDGER_WRITE, OVERLOADED when `offersKeptMax` unexpired offers exist
   */
  update(facts: OfferFacts): Promise<OwnOffer<Offer>>;
  /** The same for embeddings. @throws as {@link update} */
  updateEmbedding(facts: EmbeddingFacts): Promise<OwnOffer<EmbeddingOffer>>;
  /** Forgets all offers of an index that was deleted. */
  forget(indexId: string): Promise<void>;
  /** Forgets the offers of all other indexes. */
  keepOnly(indexNames: readonly string[]): Promise<void>;
}

export interface OffersOptions {
  readonly ledger: Pick<Ledger, 'network' | 'offers' | 'keepOffer' | 'forgetOffers'>;
  readonly receipt: { readonly privateKey: Uint8Array; readonly address: string };
  /** Name of the ledger's unit. */
  readonly unit: string;
  /** Unix milliseconds. */
  now(): number;
}

/** All offers of one provider, including those made before a restart. */
export async function createOffers(options: OffersOptions): Promise<Offers> {
  const { ledger } = options;
  const indexes = indexShelf(options);
  const models = modelShelf(options);
  const useless = (await ledger.offers()).filter((kept) => !indexes.take(kept) && !models.take(kept));
  if (useless.length > 0) await ledger.forgetOffers(useless.map(({ hash }) => hash));
  return {
    of: (indexId) => indexes.of(indexId),
    ofModel: (digest) => models.of(digest),
    update: (facts) => indexes.update(facts),
    updateEmbedding: (facts) => models.update(facts),
    forget: (indexId) => indexes.forget(indexId),
    async keepOnly(indexNames) {
      for (const id of indexes.names()) if (!indexNames.includes(id.split('@')[0]!)) await indexes.forget(id);
    },
  };
}

function indexShelf({ ledger, receipt, unit, now }: OffersOptions): Shelf<Offer, OfferFacts> {
  const format = {
    nameOf: ({ index }: OfferFacts) => index.id,
    nameIn: ({ index }: Offer) => index,
    make: (facts: OfferFacts, nowMs: number) => makeOffer(facts, ledger.network, unit, nowMs),
    sign: (offer: Offer) => signOffer(offer, receipt.privateKey),
    recover: recoverOffer,
  };
  return createShelf(format, { ledger, signer: receipt.address, now });
}

function modelShelf({ ledger, receipt, unit, now }: OffersOptions): Shelf<EmbeddingOffer, EmbeddingFacts> {
  const format = {
    nameOf: ({ model }: EmbeddingFacts) => model.digest,
    nameIn: ({ model }: EmbeddingOffer) => model.digest,
    make: (facts: EmbeddingFacts, nowMs: number) => makeEmbeddingOffer(facts, ledger.network, unit, nowMs),
    sign: (offer: EmbeddingOffer) => signEmbeddingOffer(offer, receipt.privateKey),
    recover: recoverEmbeddingOffer,
  };
  return createShelf(format, { ledger, signer: receipt.address, now });
}
