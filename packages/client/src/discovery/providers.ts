import { isFree } from '@tributary/proof/payment';
import type { KnownProvider, Providers } from './types.ts';
import { ClientError } from '../errors.ts';
import type { Link } from '../link/types.ts';
import type { Node } from '../network/libp2p-node.ts';
import type { Directory } from './directory.ts';
import type { Discovery } from './discover.ts';

/**
 * The providers in the directory, reached over libp2p. A paid fan-out may use the `allowed` owners only, a free one
 * all.
 */
export function createProviders(parts: {
  node: Pick<Node, 'dial'>;
  directory: Directory;
  discovery: Discovery;
  allowed: (did: string) => boolean;
}): Providers {
  return {
    offers: () => parts.directory.offers(),
    embeddings: () => parts.directory.embeddings(),
    refresh: () => parts.discovery.round(),
    link: (known) => connect(parts.node, known),
    allowsFanOut: ({ identity, offer }) => isFree(offer.price) || parts.allowed(identity.did),
  };
}

async function connect(node: Pick<Node, 'dial'>, known: KnownProvider): Promise<Link> {
  let last: unknown;
  // First the address where it was met, then those that it states. Whoever answers there must prove the identity's peer
  // key.
  for (const address of [known.identity.peerId, ...known.addresses]) {
    try {
      return await node.dial(address);
    } catch (error) {
      last = error;
    }
  }
  throw new ClientError('LINK_CLOSED', `the provider ${known.identity.did} cannot be reached`, { cause: last });
}
