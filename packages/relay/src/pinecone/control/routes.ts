import type { Access } from '../../gateway/access.ts';
import type { GatewayRoute } from '../../gateway/types.ts';
import type { OwnIndexes } from '../../own/types.ts';
import { row, type Endpoint } from '../row.ts';
import type { AskedIndex } from './create-request.ts';
import { shownOwn } from './index-model.ts';
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

/** The control plane: indexes of the node's own store. */
export function controlRoutes(own: OwnIndexes, model: string): GatewayRoute[] {
  const named = (permission: 'read' | 'admin'): Access => ({
    permission,
    index: (request) => own.idOf(nameOf(request)) ?? nameOf(request),
  });
  const [read, admin] = [named('read'), named('admin')];
  const shown = (name: string) => shownOwn(own.index(name).info());
  const create = async ({ index, labels }: AskedIndex) => {
    const { id } = await own.create(index, labels);
    return shown(id);
  };
  return [
    row(['POST', '/indexes'], { permission: 'admin' }, createEndpoint, (asked, caller) => {
      caller.require('admin', asked.index.name);
      return create(asked);
    }),
    row(['POST', '/indexes/create-for-model'], { permission: 'admin' }, createForModelEndpoint(model), (asked, caller) => {
      caller.require('admin', asked.index.name);
      return create(asked);
    }),
    row(['GET', '/indexes'], { permission: 'read' }, listIndexesEndpoint, (_, caller) =>
      own.list().flatMap(({ id }) => (caller.covers(id) ? [shown(id)] : [])),
    ),
    row(['GET', '/indexes/:name'], read, describeEndpoint, shown),
    row(['DELETE', '/indexes/:name'], admin, removeEndpoint, (name) => own.remove(name)),
    row(['PATCH', '/indexes/:name'], admin, configureEndpoint, async ({ name, ...change }) =>
      shownOwn(await own.index(name).setCard((present) => changedCard(present, change))),
    ),
    row(['GET', '/collections'], { permission: 'read' }, noCollections, () => null),
  ];
}
