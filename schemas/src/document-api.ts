// Shapes of the routes that upload, list and delete documents of a node's own indexes (docs/spec/node.md).
import { z } from 'zod';
import { gatewayError } from './gateway.ts';
import { documentNameBytesMax, documentPathBytesMax } from './limits.ts';
import { pageLimit } from './node-api.ts';
import { count, namespace, text } from './primitives.ts';
import { sell } from './record.ts';

/** Name of a document: a path with `/`, of which no part is empty, `.` or `..`. */
export const documentName = text(documentNameBytesMax)
  .min(1)
  .regex(/^[^\p{Cc}\\]+$/u, 'has a control character or a backslash')
  .refine((name) => name.split('/').every((part) => !['', '.', '..'].includes(part)), 'has an empty part, . or ..');

/** Query of `POST /v1/indexes/{name}/documents`. */
export const addDocumentQuery = z.strictObject({ namespace: namespace.optional(), name: documentName.optional() });

/** What an upload has added to the index. */
/** Records that look as if they were meant for a model, and the labels of their flags (docs/spec/mcp.md#screening). */
const flaggedRecords = z.strictObject({ count, flags: z.array(z.string()) });

export const addedDocument = z.strictObject({
  name: z.string(),
  namespace,
  bytes: count,
  records: count,
  chunks: z.strictObject({ added: count, unchanged: count, removed: count }),
  /** Number of records of the file that could not be stored, and the reason for the first. */
  leftOut: z.strictObject({ count, first: z.string().nullable() }),
  flagged: flaggedRecords,
  sequence: count,
});
export type AddedDocument = z.infer<typeof addedDocument>;

/** Chunks of an upload: those found so far, and those of them that are embedded. */
const documentProgress = z.strictObject({ found: count, embedded: count });
export type DocumentProgress = z.infer<typeof documentProgress>;

/** One line of the reply to an upload with progress. Only the last line is not a `progress` line. */
export const documentLine = z.union([
  z.strictObject({ progress: documentProgress }),
  z.strictObject({ document: addedDocument }),
  gatewayError,
]);
export type DocumentLine = z.infer<typeof documentLine>;

/** Query of `GET /v1/indexes/{name}/documents`. */
export const documentsQuery = z.strictObject({
  namespace: namespace.optional(),
  limit: pageLimit.optional(),
  after: text(documentPathBytesMax).optional(),
});

const storedDocument = z.strictObject({
  name: z.string(),
  namespace,
  bytes: count,
  records: count,
  sell,
  /** False while not all of it is in the index. */
  whole: z.boolean(),
  /** Why it, or the first of its missing records, was left out. */
  leftOut: z.string().nullable(),
  flagged: flaggedRecords,
  time: z.iso.datetime(),
});
export const documentsReply = z.strictObject({ documents: z.array(storedDocument), next: z.string().nullable() });
export type DocumentsReply = z.infer<typeof documentsReply>;

/** Query of `DELETE /v1/indexes/{name}/documents/{document}`. */
export const deleteDocumentQuery = z.strictObject({ namespace: namespace.optional() });
export const deletedDocument = z.strictObject({ deleted: z.string(), records: count });
export type DeletedDocument = z.infer<typeof deletedDocument>;
