import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../api-keys/types.ts';
import type { Access } from '../../gateway/access.ts';
import type { GatewayRoute } from '../../gateway/types.ts';
import type { Places } from '../place.ts';
import { row, type Endpoint } from '../row.ts';
import type { AskedIndex } from './create-request.ts';
import { shownOwn, type ShownIndex } from './index-model.ts';
import {
  changedCard,
  configureEndpoint,
  createEndpoint,
  createForModelEndpoint,
  describeEndpoint,
  listIndexesEndpoint,
  nameOf,
  removeEndpoint,
} from './indexes.ts';

const noCollections: Endpoint<null, null> = { parse: () => null, shape: () => ({ collections: [] }) };

/** The control plane: the node's own indexes, and indexes that others offer. */
export function controlRoutes({ own, others, index }: Places, model: string): GatewayRoute[] {
  const ownNamed = (request: FastifyRequest): string => own.idOf(nameOf(request)) ?? nameOf(request);
  const admin: Access = { permission: 'admin', index: ownNamed };
  const read: Access = { permission: 'read' };
  const make: Access = { permission: 'admin' };
  const shown = (name: string): ShownIndex => shownOwn(own.index(name).info());
  const create = async ({ index: asked, labels }: AskedIndex, caller: Caller): Promise<ShownIndex> => {
    caller.require('admin', asked.name);
    const { id } = await own.create(asked, labels);
    return shown(id);
  };
  return [
    row(['POST', '/indexes'], make, createEndpoint(model), create),
    row(['POST', '/indexes/create-for-model'], make, createForModelEndpoint(model), create),
    row(['GET', '/indexes'], read, listIndexesEndpoint, (_, caller) => [
      ...own.list().flatMap(({ id }) => (caller.covers(id) ? [shown(id)] : [])),
      ...others.list(caller),
    ]),
    row(['GET', '/indexes/:name'], read, describeEndpoint, (name, caller) => {
      const other = own.idOf(name) === undefined ? others.find(name, caller) : undefined;
      caller.require('read', other?.id ?? own.idOf(name) ?? name);
      return other ?? shown(name);
    }),
    row(['DELETE', '/indexes/:name'], admin, removeEndpoint, async (name, caller) => {
      index(name, caller);
      return own.remove(name);
    }),
    row(['PATCH', '/indexes/:name'], admin, configureEndpoint, async ({ name, ...change }, caller) =>
      shownOwn(await index(name, caller).setCard((present) => changedCard(present, change))),
    ),
    row(['GET', '/collections'], read, noCollections, () => null),
  ];
}
