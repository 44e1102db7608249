import type { Index, IndexCard } from '@tributary/store';
import { RelayError } from '../errors.ts';
import type { ProviderFolder } from '../keys.ts';
import { creditUnit } from '../payments/ledger.ts';
import { sellRule } from '../policy/policy.ts';
import type { HostedIndexes } from './hosted-indexes.ts';
import type { Network } from './join-network.ts';
import type { ProviderData } from './open-data.ts';
import { previewPublication } from './publication.ts';
import type { ProviderConfig, ProviderNode } from './types.ts';
import { allDocuments, applyRules, removeIndex } from './upkeep.ts';

/** What the owner can do with the indexes of a running provider. */
export function providerMethods(
  config: ProviderConfig,
  { keys, parts: folder }: ProviderFolder,
  data: ProviderData,
  { offers, refresh }: HostedIndexes,
  { node, discovery }: Network,
  rehearsal: boolean,
): Omit<ProviderNode, 'close'> {
  const { embedder, store, ledger, policies, writers } = data;
  const announce = () => Promise.all([discovery.tell(), discovery.round()]);
  const setVisibility = async (nameOrId: string, visibility: 'listed' | 'private') => {
    if (rehearsal && visibility === 'listed') {
      throw new RelayError(
        'NOT_LIVE',
        `${config.dataDirectory} is a restored copy, announced to nobody; first stop it and run tributary restore --go-live`,
      );
    }
    await store.index(nameOrId).setVisibility(visibility);
    await refresh();
    await announce();
  };
  return {
    keys,
    folder,
    store,
    ledger,
    embedder,
    sellsEmbeddings: config.sellEmbeddings !== undefined,
    writers,
    rehearsal,
    addresses: () => node.addresses(),
    openIndex: async (name, card) => {
      if (folder.readOnly) return store.index(name);
      const index = await openIndex(data, name, card, keys.owner.did);
      await policies.set(name, config.policy(policies.of(name)));
      await applyRules(index, policies);
      await refresh();
      return index;
    },
    createIndex: async (index) => {
      const made = await store.createIndex({ ...index, visibility: 'private' });
      await refresh();
      return made;
    },
    refreshOffers: refresh,
    ingestOptions: (index) => ({
      licence: index.info().licence || null,
      sell: (document) => sellRule(policies.of(index.info().name), document) ?? 'full',
    }),
    publishPreview: async (nameOrId) => {
      const index = store.index(nameOrId);
      const documents = await allDocuments(index);
      return previewPublication(index.info(), policies.of(index.info().name), creditUnit, documents);
    },
    deleteIndex: async (name) => {
      await removeIndex(name, store, policies, offers);
      await announce();
    },
    publish: (nameOrId) => setVisibility(nameOrId, 'listed'),
    unpublish: (nameOrId) => setVisibility(nameOrId, 'private'),
  };
}

async function openIndex(
  { store, embedder }: ProviderData,
  name: string,
  card: Partial<IndexCard>,
  owner: string,
): Promise<Index> {
  // One that could not be opened is not made anew: `index` below says why.
  if (![...store.indexes(), ...store.failed()].some((index) => index.name === name)) {
    const { dimension, card: model } = embedder;
    return store.createIndex({ name, dimension, metric: 'cosine', model, title: name, author: owner, ...card });
  }
  const index = store.index(name);
  if (Object.keys(card).length > 0) await index.setCard(card);
  return index;
}
