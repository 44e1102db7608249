// Shapes of the routes that write and read a node's own indexes (docs/spec/node.md).
import { z } from 'zod';
import { dimensionMax, recordTextBytesMax, writeOperationsMax } from './limits.ts';
import { base64url, count, indexId, indexName, namespace, recordId, text } from './primitives.ts';
import { numbers } from './numbers.ts';
import { filter } from './query.ts';
import { metadata, sell, source } from './record.ts';
import { sparseInput, vectorKinds } from './sparse.ts';
import { metric } from './statements.ts';

/** A vector in a body: numbers, or little-endian float32 as base64url. */
const vectorInput = z.union([numbers(1, dimensionMax), base64url]);
const sequence = count;
const ids = z.array(recordId).min(1).max(writeOperationsMax);

/** Body of `POST /v1/indexes`. */
export const createIndexBody = z.strictObject({
  /** The store checks that it is an index name, with an error code of its own. */
  name: text(512).meta({ pattern: '^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?$' }),
  /** Id of the node's model. The node then embeds the texts. */
  model: text(256).min(1).optional(),
  dimension: z.number().int().min(1).max(dimensionMax).optional(),
  metric: metric.optional(),
  /** Default: `dense`. `sparse` has no dimension. */
  vectors: vectorKinds.optional(),
  title: text(256).optional(),
  description: text(2_048).optional(),
  licence: text(1_024).optional(),
});
export type CreateIndexBody = z.infer<typeof createIndexBody>;

/** An index of the node's own store. */
export const ownIndex = z.strictObject({
  name: indexName,
  id: indexId,
  title: z.string(),
  description: z.string(),
  licence: z.string(),
  /** 0 for sparse vectors only. */
  dimension: count,
  metric,
  vectors: vectorKinds,
  /** Null for vectors that the caller computes. */
  model: z.string().nullable(),
  visibility: z.enum(['private', 'listed']),
  records: count,
  sequence,
  created: z.iso.datetime(),
});
export type OwnIndex = z.infer<typeof ownIndex>;
export const deletedIndex = z.strictObject({ deleted: indexId });

/** A record as a caller writes it. */
export const recordBody = z.strictObject({
  id: recordId,
  text: text(recordTextBytesMax).optional(),
  vector: vectorInput.optional(),
  sparse: sparseInput.optional(),
  metadata: metadata.optional(),
  source: source.nullable().optional(),
  licence: text(1_024).nullable().optional(),
  sell: sell.optional(),
});
export type RecordBody = z.infer<typeof recordBody>;

/** Body of `POST /v1/indexes/{name}/records`. */
export const upsertBody = z.strictObject({
  namespace: namespace.optional(),
  records: z
    .array(recordBody)
    .min(1)
    .max(writeOperationsMax)
    .refine((records) => new Set(records.map(({ id }) => id)).size === records.length, 'has an id twice'),
});
export type UpsertBody = z.infer<typeof upsertBody>;

/** Body of `PATCH /v1/indexes/{name}/records`. */
export const updateBody = z
  .strictObject({
    namespace: namespace.optional(),
    id: recordId,
    text: text(recordTextBytesMax).optional(),
    vector: vectorInput.optional(),
    sparse: sparseInput.optional(),
    setMetadata: metadata.optional(),
  })
  .refine(
    ({ text: changed, vector, sparse, setMetadata }) => [changed, vector, sparse, setMetadata].some((part) => part !== undefined),
    'needs text, vector, sparse or setMetadata',
  );
export type UpdateBody = z.infer<typeof updateBody>;

/** Body of `POST /v1/indexes/{name}/records/delete`. */
export const deleteBody = z
  .strictObject({
    namespace: namespace.optional(),
    ids: ids.optional(),
    filter: filter.optional(),
    all: z.literal(true).optional(),
  })
  .refine((body) => [body.ids, body.filter, body.all].filter((part) => part !== undefined).length === 1, {
    message: 'needs exactly one of ids, filter and all',
  });
export type DeleteBody = z.infer<typeof deleteBody>;

/** The result of writing records. */
export const writeReply = z.strictObject({ count, sequence });
export type WriteReply = z.infer<typeof writeReply>;

/** Body of `POST /v1/indexes/{name}/records/fetch`. */
export const fetchBody = z.strictObject({ namespace: namespace.optional(), ids, vectors: z.boolean().optional() });
export type FetchBody = z.infer<typeof fetchBody>;

const storedRecord = z.strictObject({
  id: recordId,
  namespace,
  text: z.string(),
  metadata,
  source: source.nullable(),
  licence: z.string().nullable(),
  sell,
  sequence,
  /** Little-endian float32 as base64url; only when asked for. */
  vector: base64url.optional(),
  /** Likewise; left out for a record that has none. */
  sparse: sparseInput.optional(),
});
export const fetchReply = z.strictObject({ records: z.array(storedRecord) });
export type FetchReply = z.infer<typeof fetchReply>;

/** A number in a URL. */
export const pageLimit = z.string().regex(/^(?:1000|[1-9]\d{0,2})$/, 'is 1 to 1000');
/** Query of `GET /v1/indexes/{name}/records`. */
export const listQuery = z.strictObject({
  namespace: namespace.optional(),
  prefix: text(512).optional(),
  limit: pageLimit.optional(),
  after: text(512).optional(),
});
export const listReply = z.strictObject({ ids: z.array(recordId), next: recordId.nullable() });
export type ListReply = z.infer<typeof listReply>;

/** Query of `GET /v1/indexes/{name}/records/count`. */
export const countQuery = z.strictObject({ namespace: namespace.optional() });
export const countReply = z.strictObject({ count, namespaces: z.array(z.strictObject({ namespace, count })), sequence });
export type CountReply = z.infer<typeof countReply>;

/** The limits of one call: `GET /v1/limits`. */
export const limitsReply = z.strictObject({
  bodyBytes: count,
  recordsPerUpsert: count,
  idsPerFetch: count,
  idsPerDelete: count,
  idsPerPage: count,
  textBytes: count,
  metadataBytes: count,
  metadataKeys: count,
  dimension: count,
  sparseValues: count,
  idBytes: count,
  namespaceBytes: count,
  resultsPerQuery: count,
  documentBytes: count,
});
export type LimitsReply = z.infer<typeof limitsReply>;
