import type { Permission } from '@tributary/schemas';
import type { Caller } from '../../api-keys/types.ts';
import type { Access } from '../../gateway/access.ts';
import type { GatewayRoute } from '../../gateway/types.ts';
import { toNumbers, toPairs } from '../../numbers/float-text.ts';
import type { Places } from '../place.ts';
import { row } from '../row.ts';
import { deleteEndpoint, updateEndpoint, updateOwn } from './change.ts';
import {
  createNamespace,
  createNamespaceEndpoint,
  deleteNamespace,
  deleteNamespaceEndpoint,
  describeNamespaceEndpoint,
  listNamespacesEndpoint,
  namespaceIn,
  namespacesOf,
  statsEndpoint,
  type Stats,
} from './namespaces.ts';
import { queryEndpoint, searchOwn } from './query.ts';
import {
  fetchEndpoint,
  fetchMatchingEndpoint,
  fetchMatchingOwn,
  fetchOwn,
  listEndpoint,
  listOwn,
  type AskedFetch,
  type FetchedPage,
} from './read.ts';
import { upsertEndpoint, upsertVectors } from './upsert.ts';

/** The data plane of vectors: one call on an own index, or on one that others sell. */
export function dataRoutes(places: Places, may: (permission: Permission) => Access): GatewayRoute[] {
  const [read, write] = [may('read'), may('write')];
  const { own, others, index, isOther } = places;
  const vectors = '/i/:index/vectors';
  const namespaces = '/i/:index/namespaces';
  return [
    row(['POST', `${vectors}/upsert`], write, upsertEndpoint, (asked, caller) =>
      upsertVectors(index(asked.index, caller), asked),
    ),
    row(['POST', '/i/:index/query'], read, queryEndpoint, (asked, caller, reply) =>
      isOther(asked.index, caller) ? others.query(asked, caller, reply) : searchOwn(own, asked),
    ),
    row(['GET', `${vectors}/fetch`], read, fetchEndpoint, (asked, caller) => fetchFrom(places, asked, caller)),
    row(['POST', `${vectors}/fetch_by_metadata`], read, fetchMatchingEndpoint, (asked, caller) =>
      fetchMatchingOwn(index(asked.index, caller), asked),
    ),
    row(['GET', `${vectors}/list`], read, listEndpoint, (asked, caller) => listOwn(index(asked.index, caller), asked)),
    row(['POST', `${vectors}/update`], write, updateEndpoint, (asked, caller) => updateOwn(index(asked.index, caller), asked)),
    row(['POST', `${vectors}/delete`], write, deleteEndpoint, (asked, caller) => {
      const from = index(asked.index, caller);
      if ('all' in asked.what) namespaceIn(from, asked.namespace);
      return from.delete(asked.what, asked.namespace);
    }),
    row(['POST', '/i/:index/describe_index_stats'], read, statsEndpoint, (id, caller) => statsOf(places, id, caller)),
    row(['GET', namespaces], read, listNamespacesEndpoint, (asked, caller) => namespacesOf(index(asked.index, caller))),
    row(['POST', namespaces], write, createNamespaceEndpoint, (asked, caller) =>
      createNamespace(index(asked.index, caller), asked.namespace),
    ),
    row(['GET', `${namespaces}/:namespace`], read, describeNamespaceEndpoint, (asked, caller) =>
      namespaceIn(index(asked.index, caller), asked.namespace),
    ),
    row(['DELETE', `${namespaces}/:namespace`], write, deleteNamespaceEndpoint, (asked, caller) =>
      deleteNamespace(index(asked.index, caller), asked.namespace),
    ),
  ];
}

/** From indexes of others, only records that the caller's key has bought. */
export async function fetchFrom({ others, isOther, index }: Places, asked: AskedFetch, caller: Caller): Promise<FetchedPage> {
  if (!isOther(asked.index, caller)) return fetchOwn(index(asked.index, caller), asked);
  const found = others.fetch({ ...asked, ids: [...new Set(asked.ids)] }, caller);
  const lists = await toNumbers(found.map(({ vector }) => vector));
  const records = found.map(({ id, fields, sparse }, at) => {
    const pairs = sparse === undefined ? {} : { sparse: toPairs(sparse) };
    return { id, fields, values: lists[at]!, ...pairs };
  });
  return { records, sequence: 0 };
}

async function statsOf({ others, isOther, index }: Places, id: string, caller: Caller): Promise<Stats> {
  if (!isOther(id, caller)) return index(id, caller).stats();
  const { records, ...stated } = others.stats(id, caller);
  return { ...stated, records, namespaces: { '': records }, sequence: 0 };
}
