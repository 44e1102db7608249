import {
  createDirectory,
  createDiscovery,
  createNode,
  fittingOffers,
  peerIdOfSeed,
  type Discovery,
  type Node,
} from '@tributary/client';
import type { Announcement } from '@tributary/schemas';
import { enterLocalNodes, localAddresses } from '../discovery/local-nodes.ts';
import type { NodeKeys } from '../keys.ts';
import type { Parts } from '../parts.ts';
import { providerHandlers } from './handlers.ts';
import type { HostedIndexes } from './hosted-indexes.ts';
import type { OwnIdentity } from './identity.ts';
import type { ProviderConfig } from './types.ts';

/** The provider's place in the network. */
export interface Network {
  readonly node: Node;
  readonly discovery: Discovery;
}

/**
 * Listens for peers, finds other nodes and is found by them. A rehearsal is announced to its owner only and looks for
 * nobody.
 */
export async function joinNetwork(
  config: ProviderConfig,
  keys: NodeKeys,
  own: OwnIdentity,
  hosted: HostedIndexes,
  rehearsal: boolean,
  parts: Parts,
): Promise<Network> {
  const { log } = config;
  const { bootstrap, rendezvous } = rehearsal ? { bootstrap: [], rendezvous: null } : config;
  const ownerPeer = await peerIdOfSeed(keys.owner.seed);
  const isOwner = (peer: string) => peer === ownerPeer;
  let leaving = false;
  const announcement = (peer: string): Announcement | null => {
    if (rehearsal && !isOwner(peer)) return null;
    const offers = leaving ? [] : hosted.offersFor(isOwner(peer));
    return { identity: own.current().signed, addresses: node.addresses(), offers: fittingOffers(offers) };
  };
  const directory = createDirectory(Date.now, { linked: (peer) => node.linked(peer) });
  const opening = createNode({
    privateKey: keys.peer.seed,
    valuedPeers: [ownerPeer],
    listen: config.listen,
    handlers: providerHandlers({
      serve: hosted.serve,
      directory,
      own: announcement,
      visibleIndex: hosted.visible,
      isOwner,
      now: Date.now,
      fault: (error) => log.error('link-fault', { error }),
    }),
  });
  const node: Node = await parts.open('libp2p', opening);
  const discovery = createDiscovery({
    node,
    directory,
    own: announcement,
    now: Date.now,
    addresses: async () => [...bootstrap, ...(await localAddresses(rendezvous, node.peerId))],
  });
  await enterLocalNodes(rendezvous, node, parts);
  discovery.start();
  parts.onClose('discovery', () => {
    leaving = true;
    return discovery.stop();
  });
  return { node, discovery };
}
