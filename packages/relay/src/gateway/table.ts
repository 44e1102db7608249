import type { Permission } from '@tributary/schemas';
import type { FastifyRequest } from 'fastify';
import type { OwnIndexes } from '../own/types.ts';
import type { Access } from './access.ts';
import { ask, forward, growth, proofFor } from './ask.ts';
import { askingRow, row } from './endpoint.ts';
import type { InFlight } from './in-flight.ts';
import { listFor } from './list.ts';
import { creditRows } from './routes/credit.ts';
import { consistencyEndpoint } from './routes/consistency.ts';
import { healthRoute, readyRoute } from './routes/health.ts';
import { indexesEndpoint } from './routes/indexes.ts';
import { documentRows } from './routes/documents/rows.ts';
import { metricsRoute } from './routes/metrics.ts';
import { createIndexEndpoint, deleteIndexEndpoint, describeIndexEndpoint } from './routes/own/indexes.ts';
import { LIMITS, limitsEndpoint } from './routes/own/stated-limits.ts';
import { countEndpoint, listEndpoint } from './routes/own/listing.ts';
import { deleteEndpoint, fetchEndpoint, updateEndpoint, upsertEndpoint } from './routes/own/records.ts';
import { pageRoutes } from './routes/page.ts';
import { proofsEndpoint } from './routes/proofs.ts';
import { queryEndpoint } from './routes/query.ts';
import { recoveredRows } from './routes/recovered/rows.ts';
import { relayEndpoint } from './routes/relay.ts';
import type { GatewayDeps, GatewayRoute, PageFiles } from './types.ts';

// Every route with the permission that its caller needs, the index that it concerns, and the one call that it makes. An
// endpoint parses the request and shapes the reply. The calls are those of the client (the network) and of the node's
// own indexes.

/** The routes of a gateway. Those of own indexes exist only if there is a store. */
export function routeTable(
  deps: GatewayDeps,
  { inFlight, uploads }: { inFlight: InFlight; uploads: InFlight },
  page: () => Promise<PageFiles>,
): GatewayRoute[] {
  return [
    ...pageRoutes(page),
    healthRoute(),
    readyRoute(deps),
    metricsRoute(deps, inFlight),
    ...networkRoutes(deps, inFlight),
    ...(deps.own === undefined ? [] : ownRoutes(deps.own, uploads, deps)),
  ];
}

function networkRoutes(deps: GatewayDeps, inFlight: InFlight): GatewayRoute[] {
  const { proofs } = deps;
  const read: Access = { permission: 'read' };
  return [
    row(['GET', '/v1/indexes'], read, indexesEndpoint, (_, caller) => listFor(deps, caller)),
    askingRow(inFlight, ['POST', '/v1/query'], read, queryEndpoint, (asked, caller, waiting) =>
      ask(deps, asked, caller, waiting),
    ),
    askingRow(inFlight, ['POST', '/v1/relay'], read, relayEndpoint, (made, caller, waiting) =>
      forward(deps, made, caller, waiting),
    ),
    ...recoveredRows(deps, inFlight),
    ...creditRows(deps, inFlight),
    askingRow(inFlight, ['GET', '/v1/consistency'], read, consistencyEndpoint, (sizes, caller, { signal }) =>
      growth(deps, sizes, caller, signal),
    ),
    row(['GET', '/v1/proofs/:receipt'], read, proofsEndpoint, (receipt, caller) => proofFor(proofs, receipt, caller)),
  ];
}

function ownRoutes(own: OwnIndexes, uploads: InFlight, deps: GatewayDeps): GatewayRoute[] {
  const index = '/v1/indexes/:name';
  const records = `${index}/records`;
  const may = (permission: Permission): Access => ({ permission, index: (request) => ownInPath(request, own) });
  const [read, write, admin] = [may('read'), may('write'), may('admin')];
  return [
    row(['GET', '/v1/limits'], { permission: 'read' }, limitsEndpoint, () => LIMITS),
    row(['POST', '/v1/indexes'], { permission: 'admin' }, createIndexEndpoint, (asked, caller) => {
      caller.require('admin', asked.name);
      return own.create(asked);
    }),
    row(['GET', index], read, describeIndexEndpoint, (name) => own.describe(name)),
    row(['DELETE', index], admin, deleteIndexEndpoint, (name) => own.remove(name)),
    row(['POST', records], write, upsertEndpoint, (asked, { writer }) => own.index(asked.name, writer).upsert(asked.records)),
    row(['PATCH', records], write, updateEndpoint, (asked, { writer }) => own.index(asked.name, writer).update(asked.change)),
    row(['POST', `${records}/delete`], write, deleteEndpoint, (asked, { writer }) =>
      own.index(asked.name, writer).delete(asked.what, asked.namespace),
    ),
    row(['POST', `${records}/fetch`], read, fetchEndpoint, (asked) => own.index(asked.name).fetch(asked.ids, asked.namespace)),
    row(['GET', records], read, listEndpoint, (asked) => own.index(asked.name).list(asked.options)),
    row(['GET', `${records}/count`], read, countEndpoint, (asked) => own.index(asked.name).stats()),
    ...documentRows(own, may, uploads, deps),
  ];
}

/** The index in a path, by its id if it is an own index. */
function ownInPath({ params }: FastifyRequest, own: OwnIndexes): string {
  const { name } = params as { name: string };
  return own.idOf(name) ?? name;
}
