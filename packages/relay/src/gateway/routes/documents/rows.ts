import type { Permission } from '@tributary/schemas';
import type { OwnIndexes } from '../../../own/types.ts';
import type { Access } from '../../access.ts';
import { row } from '../../endpoint.ts';
import type { InFlight } from '../../in-flight.ts';
import type { GatewayDeps, GatewayRoute } from '../../types.ts';
import { deleteDocumentEndpoint, listDocumentsEndpoint } from './listing.ts';
import { uploadRoute } from './upload.ts';

/** The rows of the table for documents of own indexes. */
export function documentRows(
  own: OwnIndexes,
  may: (permission: Permission) => Access,
  uploads: InFlight,
  observers: Pick<GatewayDeps, 'log' | 'metrics' | 'folder'>,
): GatewayRoute[] {
  const documents = '/v1/indexes/:name/documents';
  return [
    uploadRoute(documents, may('write'), own, uploads, observers),
    // One more than requested shows whether there is a next page.
    row(['GET', documents], may('read'), listDocumentsEndpoint, ({ name, after, namespace, limit }) =>
      own.index(name).documents(after, { namespace, limit: limit + 1 }),
    ),
    row(['DELETE', `${documents}/:document`], may('write'), deleteDocumentEndpoint, ({ name, ...place }, { writer }) =>
      own.index(name, writer).deleteDocument(place),
    ),
  ];
}
