import type { FastifyRequest } from 'fastify';
import type { Permission } from '@tributary/schemas';
import type { Access } from '../gateway/access.ts';
import type { InFlight } from '../gateway/in-flight.ts';
import type { Dialect, GatewayRoute } from '../gateway/types.ts';
import type { OwnIndexes } from '../own/types.ts';
import { controlRoutes } from './control/routes.ts';
import { dataRoutes } from './data/routes.ts';
import { embedEndpoint, embedTexts, requireModel, type OwnEmbedder } from './inference/embed.ts';
import { modelEndpoint, modelsEndpoint, toModelInfo } from './inference/models.ts';
import { recordRoutes } from './records/routes.ts';
import { refusal } from './refusal.ts';
import { row } from './row.ts';
import { unsupportedRoutes } from './unsupported.ts';

/** What Pinecone's API needs of a node. */
export interface PineconeDeps {
  own: OwnIndexes;
  embedder: OwnEmbedder;
}

/** Pinecone's API (docs/spec/pinecone.md): each route is parse, one call on the node's own indexes, shape. */
export function pineconeDialect(deps: PineconeDeps): (inFlight: InFlight) => Dialect {
  const { own, embedder } = deps;
  const may = (permission: Permission): Access => ({ permission, index: (request) => indexInPath(request, own) });
  return (inFlight) => ({
    routes: [
      ...controlRoutes(own, embedder.card.id),
      ...dataRoutes(own, may),
      ...recordRoutes(own, may, embedder.countTokens),
      ...inferenceRoutes(embedder, inFlight),
      ...unsupportedRoutes(may),
    ],
    claims: ({ headers }) => headers['x-pinecone-api-version'] !== undefined,
    refusal,
  });
}

/** The index that a path names, by its id where it is one of the node's own. */
function indexInPath({ params }: FastifyRequest, own: OwnIndexes): string {
  const { index } = params as { index: string };
  return own.idOf(index) ?? index;
}

function inferenceRoutes(embedder: OwnEmbedder, inFlight: InFlight): GatewayRoute[] {
  const read: Access = { permission: 'read' };
  const info = toModelInfo(embedder);
  return [
    row(['POST', '/embed'], read, embedEndpoint, (asked, _, reply) =>
      inFlight.run(reply, (signal) => embedTexts(embedder, asked, signal)),
    ),
    row(['GET', '/models'], read, modelsEndpoint, ({ embeds }) => (embeds ? [info] : [])),
    row(['GET', '/models/*'], read, modelEndpoint, (name) => {
      requireModel(embedder, name);
      return info;
    }),
  ];
}
