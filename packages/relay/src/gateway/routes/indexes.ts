import type { KnownOffer } from '@tributary/client';
import type { GatewayIndex } from '@tributary/schemas';
import { gatewayIndexes } from '../schemas.ts';
import type { GatewayDeps, GatewayRoute } from '../types.ts';

export function indexesRoute({ client, now }: Pick<GatewayDeps, 'client' | 'now'>): GatewayRoute {
  return {
    method: 'GET',
    url: '/v1/indexes',
    id: 'indexes',
    summary: 'Lists the indexes that can be asked, with licence and price.',
    replies: { 200: { description: 'Indexes on offer.', schema: gatewayIndexes } },
    handler: () => ({ indexes: unexpired(client.offers(), now()).map(toIndex) }),
  };
}

/** An offer may run out between two looks at the network; asking on it would be refused. */
function unexpired(offers: KnownOffer[], now: number): KnownOffer[] {
  return offers.filter(({ offer }) => offer.expiry > now);
}

function toIndex({ offer, identity }: KnownOffer): GatewayIndex {
  const { card, price, limits } = offer;
  return {
    name: offer.index.slice(0, offer.index.indexOf('@')),
    id: offer.index,
    title: card.title,
    description: card.description,
    licence: card.licence,
    provider: identity.did,
    model: card.modelId,
    modelDigest: card.model,
    languages: card.languages,
    dimension: card.dimension,
    metric: card.metric,
    records: card.records,
    price: { ...price, unit: offer.unit },
    limits: {
      topK: limits.topK,
      queriesPerMinute: limits.queriesPerMinute,
      exposurePerChannel: limits.exposurePerChannel,
      exposurePerEpoch: limits.exposurePerEpoch,
    },
    offerExpires: new Date(offer.expiry).toISOString(),
  };
}
