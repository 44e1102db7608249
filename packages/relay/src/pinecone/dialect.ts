import type { FastifyRequest } from 'fastify';
import type { Permission } from '@tributary/schemas';
import { StoreError } from '@tributary/store';
import type { Access } from '../gateway/access.ts';
import { ask } from '../gateway/ask.ts';
import type { InFlight } from '../gateway/in-flight.ts';
import { listFor } from '../gateway/list.ts';
import type { Dialect, GatewayDeps, GatewayRoute } from '../gateway/types.ts';
import type { OwnIndexes } from '../own/types.ts';
import { controlRoutes } from './control/routes.ts';
import { dataRoutes } from './data/routes.ts';
import { embedEndpoint, embedTexts, requireModel, type OwnEmbedder } from './inference/embed.ts';
import { modelEndpoint, modelsEndpoint, toModelInfo } from './inference/models.ts';
import { createOthers, type Network } from './others/others.ts';
import { createPlaces } from './place.ts';
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
export function pineconeDialect({ own, embedder }: PineconeDeps): (inFlight: InFlight, deps: GatewayDeps) => Dialect {
  const may = (permission: Permission): Access => ({ permission, index: (request) => indexInPath(request, own) });
  return (inFlight, deps) => {
    const places = createPlaces(
      own,
      createOthers(networkOf(deps, inFlight), (nameOrId) => own.idOf(nameOrId) !== undefined),
    );
    return {
      routes: [
        ...controlRoutes(places, embedder.card.id),
        ...dataRoutes(places, may),
        ...recordRoutes(places, may, embedder.countTokens),
        ...inferenceRoutes(embedder, inFlight),
        ...unsupportedRoutes(may),
      ],
      claims: ({ headers, url }) => headers['x-pinecone-api-version'] !== undefined || /^\/+i\//.test(url),
      refusal,
    };
  };
}

/** Questions to others go the way of the node's own route: bounded, paid from the key's budget, proofs kept. */
function networkOf(deps: GatewayDeps, inFlight: InFlight): Network {
  return {
    offers: (caller) => listFor(deps, caller).offers,
    ask: (question, caller, reply) =>
      inFlight.run(reply, async (signal) => {
        const asked = await ask(deps, { question, includeProof: false }, caller, signal);
        if (asked.own === null) return asked.network;
        throw new StoreError('INDEX_NOT_FOUND', `${question.index} is an index of this node now; ask again`);
      }),
  };
}

/** The index in a path, by its id if it is an own index. */
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
