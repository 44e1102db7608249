import type { Permission } from '@tributary/schemas';
import type { FastifyRequest } from 'fastify';
import type { OwnIndexes } from '../own/types.ts';
import type { Access } from './access.ts';
import { ask, forward, growth } from './ask.ts';
import { askingRow, row } from './door.ts';
import type { InFlight } from './in-flight.ts';
import { listFor } from './list.ts';
import { consistencyDoor } from './routes/consistency.ts';
import { healthRoute, readyRoute } from './routes/health.ts';
import { indexesDoor } from './routes/indexes.ts';
import { metricsRoute } from './routes/metrics.ts';
import { createIndexDoor, deleteIndexDoor, describeIndexDoor } from './routes/own/indexes.ts';
import { LIMITS, limitsDoor } from './routes/own/stated-limits.ts';
import { countDoor, listDoor } from './routes/own/listing.ts';
import { deleteDoor, fetchDoor, updateDoor, upsertDoor } from './routes/own/records.ts';
import { pageRoutes } from './routes/page.ts';
import { proofsDoor } from './routes/proofs.ts';
import { queryDoor } from './routes/query.ts';
import { relayDoor } from './routes/relay.ts';
import type { GatewayDeps, GatewayRoute, PageFiles } from './types.ts';

// Every route with what its caller must be allowed to do, the index that it concerns, and the one call that it makes.
// A door reads the
// request and shapes the reply; the calls are those of the client (the network) and of the node's own indexes.

/** The routes of a gateway; those of own indexes only where there is a store. */
export function routeTable(deps: GatewayDeps, inFlight: InFlight, page: () => Promise<PageFiles>): GatewayRoute[] {
  return [
    ...pageRoutes(page),
    healthRoute(),
    readyRoute(deps),
    metricsRoute(deps, inFlight),
    ...networkRoutes(deps, inFlight),
    ...(deps.own === undefined ? [] : ownRoutes(deps.own)),
  ];
}

function networkRoutes(deps: GatewayDeps, inFlight: InFlight): GatewayRoute[] {
  const { proofs } = deps;
  const read: Access = { permission: 'read' };
  return [
    row(['GET', '/v1/indexes'], read, indexesDoor, (_, caller) => listFor(deps, caller)),
    askingRow(inFlight, ['POST', '/v1/query'], read, queryDoor, (asked, caller, signal) => ask(deps, asked, caller, signal)),
    askingRow(inFlight, ['POST', '/v1/relay'], read, relayDoor, (made, caller, signal) => forward(deps, made, caller, signal)),
    askingRow(inFlight, ['GET', '/v1/consistency'], read, consistencyDoor, (sizes, caller, signal) =>
      growth(deps, sizes, caller, signal),
    ),
    row(['GET', '/v1/proofs/:receipt'], read, proofsDoor, (receipt) => proofs.get(receipt)),
  ];
}

function ownRoutes(own: OwnIndexes): GatewayRoute[] {
  const index = '/v1/indexes/:name';
  const records = `${index}/records`;
  const may = (permission: Permission): Access => ({ permission, index: (request) => ownInPath(request, own) });
  const [read, write, admin] = [may('read'), may('write'), may('admin')];
  return [
    row(['GET', '/v1/limits'], { permission: 'read' }, limitsDoor, () => LIMITS),
    row(['POST', '/v1/indexes'], { permission: 'admin' }, createIndexDoor, (asked, caller) => {
      caller.require('admin', asked.name);
      return own.create(asked);
    }),
    row(['GET', index], read, describeIndexDoor, (name) => own.describe(name)),
    row(['DELETE', index], admin, deleteIndexDoor, (name) => own.remove(name)),
    row(['POST', records], write, upsertDoor, (asked) => own.index(asked.name).upsert(asked.records)),
    row(['PATCH', records], write, updateDoor, (asked) => own.index(asked.name).update(asked.change)),
    row(['POST', `${records}/delete`], write, deleteDoor, (asked) => own.index(asked.name).delete(asked.what, asked.namespace)),
    row(['POST', `${records}/fetch`], read, fetchDoor, (asked) => own.index(asked.name).fetch(asked.ids, asked.namespace)),
    row(['GET', records], read, listDoor, (asked) => own.index(asked.name).list(asked.options)),
    row(['GET', `${records}/count`], read, countDoor, (asked) => own.index(asked.name).stats()),
  ];
}

/** The index that a path names, by its id where it is one of the node's own. */
function ownInPath({ params }: FastifyRequest, own: OwnIndexes): string {
  const { name } = params as { name: string };
  return own.idOf(name) ?? name;
}
