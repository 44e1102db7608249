import type { KnownOffer } from '@tributary/client';
import type { GatewayIndex } from '@tributary/schemas';
import { gatewayIndexes } from '../schemas.ts';
import type { GatewayDeps, GatewayRoute } from '../types.ts';

export function indexesRoute({ client }: Pick<GatewayDeps, 'client'>): GatewayRoute {
  return {
    method: 'GET',
    url: '/v1/indexes',
    id: 'indexes',
    summary: 'Lists the indexes that can be asked, with licence and price.',
    replies: { 200: { description: 'Indexes on offer.', schema: gatewayIndexes } },
    handler: () => ({ indexes: client.offers().map(toIndex) }),
  };
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
