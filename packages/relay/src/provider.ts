import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  createDirectory,
  createDiscovery,
  createNode,
  fittingOffers,
  peerIdOfSeed,
  type Discovery,
  type Node,
} from '@tributary/client';
import { networkOf } from '@tributary/proof/payment';
import type { Announcement } from '@tributary/schemas';
import { openEmbedder, openStore, type Embedder, type Index, type IndexCard, type Store } from '@tributary/store';
import { openAdminServer } from './admin/admin-server.ts';
import { adminSocketPath } from './admin/socket-path.ts';
import { closeAll, type Closer } from './close-all.ts';
import { enterRendezvous, readRendezvous } from './discovery/rendezvous.ts';
import { openKeys, type NodeKeys } from './keys.ts';
import type { Log } from './observe/log.ts';
import { createOffers, type Offers } from './offers/offers.ts';
import { sellRule } from './policy/policy.ts';
import { openPolicies, type Policies } from './policy/policy-files.ts';
import { providerAdmin } from './provider/admin-methods.ts';
import { providerHandlers } from './provider/handlers.ts';
import { openIdentity, type OwnIdentity } from './provider/identity.ts';
import { ledgerPruneMs, offerRefreshMs } from './provider/limits.ts';
import { previewPublication } from './provider/publication.ts';
import { applyRestoreMark, forgetRestoreMark } from './provider/restored.ts';
import { RelayError } from './errors.ts';
import { allDocuments, applyRules, removeIndex, tidyData } from './provider/upkeep.ts';
import { createProviderMetrics } from './observe/provider-metrics.ts';
import { openMetricsServer } from './provider/metrics-server.ts';
import type { ProviderConfig, ProviderNode } from './provider/types.ts';
import { createServe } from './serve/serve.ts';
import { openDiskLedger } from './payments/open-ledger.ts';

/** Name of the embedded ledger's unit. */
export const creditUnit = 'credit';

/** Starts a provider: store, ledger, serve line, libp2p, discovery, admin socket. The only place where these are wired. */
export async function startProvider(config: ProviderConfig): Promise<ProviderNode> {
  const closers: Closer[] = [];
  try {
    return await start(config, closers);
  } catch (error) {
    await closeAll(closers, config.log);
    throw error;
  }
}

async function start(config: ProviderConfig, closers: Closer[]): Promise<ProviderNode> {
  const { log, dataDirectory } = config;
  const keys = await openKeys(dataDirectory, randomBytes);
  const data = await openData(config, keys, closers);
  await tidyData(data.store, data.policies, log);
  const restored = await applyRestoreMark(dataDirectory, data.store);
  const rehearsal = restored === 'rehearsal';
  if (rehearsal) log.warn('rehearsal', { why: 'restored copy; announced to nobody until tributary restore --go-live' });
  const peerId = await peerIdOfSeed(keys.peer.seed);
  const identityFile = join(dataDirectory, 'identity.json');
  const own = await openIdentity({ path: identityFile, keys, peerId, now: Date.now, anew: restored === 'live' });
  if (restored === 'live') await forgetRestoreMark(dataDirectory);
  const market = await openMarket(config, keys, { ...data, rehearsal, own }, closers);
  const discovery = await joinNetwork(rehearsal ? { ...config, bootstrap: [], rendezvous: null } : config, market, closers);
  every(offerRefreshMs, market.refresh, log, closers);
  every(ledgerPruneMs, () => data.ledger.prune(), log, closers);
  const provider = providerMethods(config, keys, data, market, discovery);
  const admin = await openAdminServer(
    adminSocketPath(dataDirectory),
    providerAdmin(provider, data.ledger, market.metrics, creditUnit),
  );
  closers.push(['admin', () => admin.close()]);
  await serveMetrics(config, market.metrics, closers);
  return { ...provider, close: () => closeAll(closers, log) };
}

async function serveMetrics({ metricsPort, log }: ProviderConfig, metrics: Market['metrics'], closers: Closer[]): Promise<void> {
  if (metricsPort === undefined) return;
  const server = await openMetricsServer(metricsPort, metrics);
  closers.push(['metrics', () => server.close()]);
  log.info('metrics', { url: server.url });
}

type Data = Awaited<ReturnType<typeof openData>>;
type Market = Awaited<ReturnType<typeof openMarket>>;

/** The offers, the serve line and the libp2p host that answers by them. */
async function openMarket(
  config: ProviderConfig,
  keys: NodeKeys,
  { store, ledger, policies, rehearsal, own }: Data & { rehearsal: boolean; own: OwnIdentity },
  closers: Closer[],
) {
  const { log } = config;
  const offers = await createOffers({ ledger, receipt: keys.receipt, unit: creditUnit, now: Date.now });
  await offers.keepOnly([...store.indexes(), ...store.failed()].map(({ name }) => name));
  const metrics = createProviderMetrics(() => ledger.risk());
  const serve = createServe({
    indexes: { find: (id) => served(store, offers, policies, id) },
    ledger,
    receipt: keys.receipt,
    unit: creditUnit,
    now: Date.now,
    observe: metrics.observe,
    fault: (error) => log.error('serve-fault', { error }),
  });
  closers.push(['serve', () => serve.drain()]);
  const ownerPeer = await peerIdOfSeed(keys.owner.seed);
  let leaving = false;
  const directory = createDirectory(Date.now, { linked: (peer) => node.linked(peer) });
  const node: Node = await createNode({
    privateKey: keys.peer.seed,
    valuedPeers: [ownerPeer],
    listen: config.listen,
    handlers: providerHandlers({
      serve,
      directory,
      own: announcement,
      visibleIndex: (id, mayRead) => visible(store, id, mayRead),
      isOwner: (peer) => peer === ownerPeer,
      now: Date.now,
      fault: (error) => log.error('link-fault', { error }),
    }),
  });
  closers.push(['libp2p', () => node.close()]);

  function announcement(peer: string): Announcement | null {
    const forOwner = peer === ownerPeer;
    if (rehearsal && !forOwner) return null;
    const shown = leaving ? [] : store.indexes().filter(({ visibility }) => forOwner || visibility === 'listed');
    const current = shown.map(({ id }) => offers.of(id).current()?.signed).filter((signed) => signed !== undefined);
    return { identity: own.current().signed, addresses: node.addresses(), offers: fittingOffers(current) };
  }
  const refresh = async () => {
    await own.renew();
    const identity = own.current().hash;
    for (const index of store.indexes()) await offers.update({ identity, index, policy: policies.of(index.name) });
  };
  await refresh();
  return { node, offers, metrics, directory, announcement, leave: () => void (leaving = true), refresh, rehearsal };
}

/** Finds and is found by other nodes, first those of this machine. */
async function joinNetwork(config: ProviderConfig, { node, directory, announcement, leave }: Market, closers: Closer[]) {
  const discovery = createDiscovery({
    node,
    directory,
    own: announcement,
    now: Date.now,
    addresses: async () => [...config.bootstrap, ...(await neighbours(config.rendezvous, node.peerId))],
  });
  if (config.rendezvous !== null) {
    const entry = { peerId: node.peerId, addresses: node.addresses(), pid: process.pid };
    closers.push(['rendezvous', await enterRendezvous(config.rendezvous, entry)]);
  }
  discovery.start();
  const goodbye = () => {
    leave();
    return discovery.stop();
  };
  closers.push(['discovery', goodbye]);
  return discovery;
}

function providerMethods(
  config: ProviderConfig,
  keys: NodeKeys,
  { embedder, store, ledger, policies }: Data,
  { node, offers, refresh, rehearsal }: Market,
  discovery: Discovery,
): Omit<ProviderNode, 'close'> {
  const setVisibility = async (nameOrId: string, visibility: 'listed' | 'private') => {
    if (rehearsal && visibility === 'listed') {
      throw new RelayError(
        'NOT_LIVE',
        `${config.dataDirectory} is a restored copy, announced to nobody; first stop it and run tributary restore --go-live`,
      );
    }
    await store.index(nameOrId).setVisibility(visibility);
    await refresh();
    await Promise.all([discovery.tell(), discovery.round()]);
  };
  return {
    keys,
    store,
    ledger,
    rehearsal,
    addresses: () => node.addresses(),
    openIndex: async (name, card) => {
      const index = await openIndex(store, embedder, name, card, keys.owner.did);
      await policies.set(name, config.policy(policies.of(name)));
      await applyRules(index, policies);
      await refresh();
      return index;
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
      await Promise.all([discovery.tell(), discovery.round()]);
    },
    publish: (nameOrId) => setVisibility(nameOrId, 'listed'),
    unpublish: (nameOrId) => setVisibility(nameOrId, 'private'),
  };
}

async function openData(config: ProviderConfig, keys: NodeKeys, closers: Closer[]) {
  const embedder = await openEmbedder({ modelDirectory: config.modelDirectory });
  closers.push(['embedder', () => embedder.close()]);
  const store = await openStore({ directory: join(config.dataDirectory, 'store'), owner: { seed: keys.owner.seed }, embedder });
  closers.push(['store', () => store.close()]);
  for (const { name, error } of store.failed()) config.log.error('index-not-opened', { index: name, error });
  const ledger = await openDiskLedger(join(config.dataDirectory, 'ledger'), {
    network: networkOf(keys.owner.did),
    payee: keys.receipt.address,
    receiptKey: keys.receipt.privateKey,
    now: Date.now,
    fault: (error) => config.log.error('ledger-fault', { error }),
  });
  closers.push(['ledger', () => ledger.close()]);
  const policies = await openPolicies(join(config.dataDirectory, 'policies'));
  return { embedder, store, ledger, policies };
}

async function openIndex(
  store: Store,
  embedder: Embedder,
  name: string,
  card: Partial<IndexCard>,
  owner: string,
): Promise<Index> {
  if (!store.indexes().some((index) => index.name === name)) {
    const facts = {
      name,
      dimension: embedder.dimension,
      metric: 'cosine',
      model: embedder.card,
      title: name,
      author: owner,
    } as const;
    return store.createIndex({ ...facts, ...card });
  }
  const index = store.index(name);
  if (Object.keys(card).length > 0) await index.setCard(card);
  return index;
}

function served(store: Store, offers: Offers, policies: Policies, indexId: string) {
  const info = store.indexes().find(({ id }) => id === indexId);
  return info ? { index: store.index(info.name), policy: policies.of(info.name), offers: offers.of(indexId) } : null;
}

function visible(store: Store, indexId: string, mayRead: boolean): Index | null {
  const info = store.indexes().find(({ id }) => id === indexId);
  return info && (mayRead || info.visibility === 'listed') ? store.index(info.name) : null;
}

async function neighbours(rendezvous: string | null, ownPeerId: string): Promise<string[]> {
  return rendezvous === null ? [] : (await readRendezvous(rendezvous, ownPeerId)).flatMap(({ addresses }) => addresses);
}

function every(intervalMs: number, work: () => Promise<void>, log: Log, closers: Closer[]): void {
  const timer = setInterval(() => void work().catch((error: unknown) => log.error('background-fault', { error })), intervalMs);
  closers.push(['timer', async () => clearInterval(timer)]);
}
