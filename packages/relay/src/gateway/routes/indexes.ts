import { toListing, type KnownOffer } from '@tributary/client';
import { callerOf } from '../access.ts';
import { gatewayIndexes } from '../schemas.ts';
import type { GatewayDeps, GatewayRoute } from '../types.ts';

export function indexesRoute({ client, now }: Pick<GatewayDeps, 'client' | 'now'>): GatewayRoute {
  return {
    method: 'GET',
    url: '/v1/indexes',
    id: 'indexes',
    summary: 'Lists the indexes that can be asked, with licence and price.',
    access: { permission: 'read' },
    replies: { 200: { description: 'Indexes on offer.', schema: gatewayIndexes } },
    handler(request) {
      const caller = callerOf(request);
      const offers = unexpired(client.offers(), now()).filter(({ offer }) => caller.covers(offer.index));
      return { indexes: offers.map(toListing) };
    },
  };
}

/** An offer may run out between two looks at the network; asking on it would be refused. */
function unexpired(offers: KnownOffer[], now: number): KnownOffer[] {
  return offers.filter(({ offer }) => offer.expiry > now);
}
