import type { Permission } from '@tributary/schemas';
import type { Access } from '../../gateway/access.ts';
import type { GatewayRoute } from '../../gateway/types.ts';
import type { OwnIndexes } from '../../own/types.ts';
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
} from './namespaces.ts';
import { queryEndpoint, searchOwn } from './query.ts';
import { fetchEndpoint, fetchMatchingEndpoint, fetchMatchingOwn, fetchOwn, listEndpoint, listOwn } from './read.ts';
import { upsertEndpoint, upsertVectors } from './upsert.ts';

/** The data plane of vectors: one call on an own index. */
export function dataRoutes(own: OwnIndexes, may: (permission: Permission) => Access): GatewayRoute[] {
  const [read, write] = [may('read'), may('write')];
  const vectors = '/i/:index/vectors';
  const namespaces = '/i/:index/namespaces';
  return [
    row(['POST', `${vectors}/upsert`], write, upsertEndpoint, (asked) => upsertVectors(own.index(asked.index), asked)),
    row(['POST', '/i/:index/query'], read, queryEndpoint, (asked) => searchOwn(own, asked)),
    row(['GET', `${vectors}/fetch`], read, fetchEndpoint, (asked) => fetchOwn(own.index(asked.index), asked)),
    row(['POST', `${vectors}/fetch_by_metadata`], read, fetchMatchingEndpoint, (asked) =>
      fetchMatchingOwn(own.index(asked.index), asked),
    ),
    row(['GET', `${vectors}/list`], read, listEndpoint, (asked) => listOwn(own.index(asked.index), asked)),
    row(['POST', `${vectors}/update`], write, updateEndpoint, (asked) => updateOwn(own.index(asked.index), asked)),
    row(['POST', `${vectors}/delete`], write, deleteEndpoint, (asked) => {
      const index = own.index(asked.index);
      if ('all' in asked.what) namespaceIn(index, asked.namespace);
      return index.delete(asked.what, asked.namespace);
    }),
    row(['POST', '/i/:index/describe_index_stats'], read, statsEndpoint, (id) => own.index(id).stats()),
    row(['GET', namespaces], read, listNamespacesEndpoint, (asked) => namespacesOf(own.index(asked.index))),
    row(['POST', namespaces], write, createNamespaceEndpoint, (asked) =>
      createNamespace(own.index(asked.index), asked.namespace),
    ),
    row(['GET', `${namespaces}/:namespace`], read, describeNamespaceEndpoint, (asked) =>
      namespaceIn(own.index(asked.index), asked.namespace),
    ),
    row(['DELETE', `${namespaces}/:namespace`], write, deleteNamespaceEndpoint, (asked) =>
      deleteNamespace(own.index(asked.index), asked.namespace),
    ),
  ];
}
