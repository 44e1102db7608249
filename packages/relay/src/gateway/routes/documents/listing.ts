import {
  checkShape,
  deletedDocument,
  deleteDocumentQuery,
  documentPathBytesMax,
  documentsQuery,
  documentsReply,
  text,
  writeOperationsMax,
  type DeletedDocument,
  type DocumentsReply,
} from '@tributary/schemas';
import type { DocumentInfo, DocumentPlace } from '@tributary/store';
import { z } from 'zod';
import type { Endpoint } from '../../endpoint.ts';
import { OWN_READ, OWN_WRITE } from '../own/codes.ts';
import { NAME_PARAM, nameOf } from '../own/index-name.ts';

interface Page {
  name: string;
  namespace: string;
  limit: number;
  after: DocumentPlace | null;
}

export const listDocumentsEndpoint: Endpoint<Page, DocumentInfo[]> = {
  id: 'list-documents',
  summary: 'Documents of a namespace in byte order of their names, a page at a time.',
  params: NAME_PARAM,
  query: {
    namespace: { schema: documentsQuery.shape.namespace, description: 'Namespace; the default one when left out.' },
    limit: { schema: documentsQuery.shape.limit, description: 'Documents of a page, 1 to 1000 (default).' },
    after: { schema: documentsQuery.shape.after, description: '`next` of the page before.' },
  },
  replies: { 200: { description: 'Documents, and what comes next; null at the end.', schema: documentsReply } },
  errors: OWN_READ,
  parse(request) {
    const { namespace = '', limit, after } = checkShape(documentsQuery, request.query, 'address');
    return {
      name: nameOf(request),
      namespace,
      limit: limit === undefined ? writeOperationsMax : Number(limit),
      after: after === undefined ? null : { namespace, document: after },
    };
  },
  shape(found, { limit }): DocumentsReply {
    const page = found.slice(0, limit);
    return { documents: page.map(toDocument), next: found.length > limit ? page.at(-1)!.document : null };
  },
};

/** Without the path of its file, which only concerns the owner. */
function toDocument(info: DocumentInfo): DocumentsReply['documents'][number] {
  const { document: name, namespace, bytes, records, sell, whole, leftOut, flagged, time } = info;
  return { name, namespace, bytes, records, sell, whole, leftOut, flagged, time: new Date(time).toISOString() };
}

const documentParams = z.strictObject({ name: NAME_PARAM['name']!.schema, document: text(documentPathBytesMax).min(1) });

export const deleteDocumentEndpoint: Endpoint<DocumentPlace & { name: string }, { records: number }> = {
  id: 'delete-document',
  summary: 'Deletes a document with all its chunks, and purges their text from the disk.',
  params: { ...NAME_PARAM, document: { schema: documentParams.shape.document, description: 'Name of the document.' } },
  query: {
    namespace: { schema: deleteDocumentQuery.shape.namespace, description: 'Namespace; the default one when left out.' },
  },
  replies: { 200: { description: 'The document that is gone, and how many chunks it had.', schema: deletedDocument } },
  errors: [...OWN_WRITE, 'PATH_NOT_FOUND'],
  parse(request) {
    const { name, document } = checkShape(documentParams, request.params, 'path');
    const { namespace = '' } = checkShape(deleteDocumentQuery, request.query, 'address');
    return { name: name as string, namespace, document };
  },
  shape: ({ records }, { document }): DeletedDocument => ({ deleted: document, records }),
};
