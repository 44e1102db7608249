import { toListing, type KnownOffer } from '@tributary/client';
import { gatewayIndexes } from '../schemas.ts';
import type { GatewayDeps, GatewayRoute } from '../types.ts';

export function indexesRoute({ client, now }: Pick<GatewayDeps, 'client' | 'now'>): GatewayRoute {
  return {
    method: 'GET',
    url: '/v1/indexes',
    id: 'indexes',
    summary: 'Lists the indexes that can be asked, with licence and price.',
    replies: { 200: { description: 'Indexes on offer.', schema: gatewayIndexes } },
    handler: () => ({ indexes: unexpired(client.offers(), now()).map(toListing) }),
  };
}

/** An offer may run out between two looks at the network; asking on it would be refused. */
function unexpired(offers: KnownOffer[], now: number): KnownOffer[] {
  return offers.filter(({ offer }) => offer.expiry > now);
}
