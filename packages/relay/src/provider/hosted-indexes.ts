import type { SignedOffer } from '@tributary/schemas';
import type { Index } from '@tributary/store';
import type { NodeKeys } from '../keys.ts';
import { createProviderMetrics, type ProviderMetrics } from '../observe/provider-metrics.ts';
import { createOffers, type Offers, type OffersOptions } from '../offers/offers.ts';
import type { Parts } from '../parts.ts';
import { creditUnit } from '../payments/ledger.ts';
import { createServe, type Serve } from '../serve/serve.ts';
import type { OwnIdentity } from './identity.ts';
import type { ProviderData } from './open-data.ts';
import type { ProviderConfig } from './types.ts';

/** The indexes of a provider as peers see them: offers, visibility, and the serve line. */
export interface HostedIndexes {
  readonly serve: Serve;
  readonly offers: Offers;
  readonly metrics: ProviderMetrics;
  /** The index, for a peer that may see it. */
  visible(id: string, mayRead: boolean): Index | null;
  /** Current offers: all for the owner; those of listed indexes and of embeddings for everybody else. */
  offersFor(isOwner: boolean): SignedOffer[];
  /** True when an index or the identity lacks a statement that peers accept, as after a wrong clock. */
  isStale(): boolean;
  /** Brings identity and offers up to date. */
  refresh(): Promise<void>;
}

/** Nothing is charged under an offer that is not on disk, so nobody misses it after a restart. */
const inMemory = ({ network, offers }: ProviderData['ledger']): OffersOptions['ledger'] => ({
  network,
  offers,
  keepOffer: async () => undefined,
  forgetOffers: async () => undefined,
});

/**
 * Makes offers for the indexes, and for embeddings if they are sold, and opens the serve line over them. Closing waits
 * for questions in progress.
 */
export async function hostIndexes(
  keys: NodeKeys,
  { store, ledger, policies, embedder }: ProviderData,
  own: OwnIdentity,
  { log, sellEmbeddings }: Pick<ProviderConfig, 'log' | 'sellEmbeddings'>,
  parts: Parts,
): Promise<HostedIndexes> {
  const offers = await createOffers({
    ledger: ledger.readOnly ? inMemory(ledger) : ledger,
    receipt: keys.receipt,
    unit: creditUnit,
    now: Date.now,
  });
  await offers.keepOnly([...store.indexes(), ...store.failed()].map(({ name }) => name));
  const metrics = createProviderMetrics(() => ledger.risk(), store.indexes, ledger.readOnly);
  const infoOf = (id: string) => store.indexes().find((info) => info.id === id);
  const sold = offers.ofModel(embedder.digest);
  const serve = createServe({
    ...(sellEmbeddings === undefined ? {} : { model: { embedder, policy: sellEmbeddings, offers: sold } }),
    indexes: {
      find(id) {
        const info = infoOf(id);
        return info ? { index: store.index(info.name), policy: policies.of(info.name), offers: offers.of(id) } : null;
      },
    },
    ledger,
    receipt: keys.receipt,
    unit: creditUnit,
    now: Date.now,
    observe: metrics.observe,
    fault: (error) => log.error('serve-fault', { error }),
  });
  parts.onClose('serve', () => serve.drain());
  const refresh = async () => {
    await own.renew();
    const identity = own.current().hash;
    for (const index of store.indexes()) await offers.update({ identity, index, policy: policies.of(index.name) });
    if (sellEmbeddings !== undefined) await offers.updateEmbedding({ identity, model: embedder, policy: sellEmbeddings });
  };
  await refresh();
  return {
    serve,
    offers,
    metrics,
    refresh,
    isStale: () => own.isAhead() || store.indexes().some(({ id }) => offers.of(id).current() === null),
    visible(id, mayRead) {
      const info = infoOf(id);
      return info && (mayRead || info.visibility === 'listed') ? store.index(info.name) : null;
    },
    offersFor(isOwner) {
      const shown = store.indexes().filter(({ visibility }) => isOwner || visibility === 'listed');
      const signed = shown.map(({ id }) => offers.of(id).current()?.signed);
      if (sellEmbeddings !== undefined) signed.unshift(sold.current()?.signed);
      return signed.filter((one) => one !== undefined);
    },
  };
}
