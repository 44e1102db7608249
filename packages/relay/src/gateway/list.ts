import type { KnownOffer } from '@tributary/client';
import type { OwnIndex } from '@tributary/schemas';
import type { Caller } from '../api-keys/types.ts';
import type { GatewayDeps } from './types.ts';

/** Indexes on offer, and the node's own if it has a store. */
export interface ListedIndexes {
  offers: KnownOffer[];
  own: OwnIndex[] | undefined;
}

/**
 * The indexes that a caller may use. An offer that expired since the last round of discovery is left out, because
 * asking would be refused.
 */
export function listFor({ client, own, now }: Pick<GatewayDeps, 'client' | 'own' | 'now'>, caller: Caller): ListedIndexes {
  const time = now();
  return {
    offers: client.offers().filter(({ offer }) => offer.expiry > time && caller.covers(offer.index)),
    own: own?.list().filter(({ id }) => caller.covers(id)),
  };
}
