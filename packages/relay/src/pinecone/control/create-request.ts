import { randomBytes } from 'node:crypto';
import { dimensionMax, TributaryError, type CreateIndexBody } from '@tributary/schemas';
import type { IndexCard } from '@tributary/store';
import { z } from 'zod';
import { indexTagsMax } from '../limits.ts';
import { optional, readValue, unsupported } from '../parts.ts';
import { toAttributes } from './kept.ts';

/** An index to create, in the node's own terms. */
export interface AskedIndex {
  index: CreateIndexBody;
  labels: Pick<IndexCard, 'tags' | 'protected' | 'attributes'>;
}

const TAG_NAME = /^[A-Za-z0-9_-]{1,80}$/;
const TAG_VALUE = /^[\x20-\x7E]{0,120}$/;

export const tagsShape = z
  .record(z.string(), z.string())
  .refine((tags) => Object.keys(tags).every((name) => TAG_NAME.test(name)), 'a tag is named by 1 to 80 letters, digits, _ and -')
  .refine(
    (tags) => Object.values(tags).every((value) => TAG_VALUE.test(value)),
    'the value of a tag has at most 120 printable ASCII characters',
  )
  .refine((tags) => Object.keys(tags).length <= indexTagsMax, `an index has at most ${indexTagsMax} tags`);
export const protectionShape = z.enum(['enabled', 'disabled']);
export const readCapacityShape = z.looseObject({ mode: z.string() });

const metric = z.enum(['cosine', 'dotproduct', 'euclidean']);
const dimension = z.number().int().min(1).max(dimensionMax);
const place = { cloud: optional(z.string().max(64)), region: optional(z.string().max(64)) };
const common = {
  tags: optional(tagsShape),
  deletion_protection: optional(protectionShape),
  read_capacity: optional(readCapacityShape),
};
const embed = z.strictObject({
  model: z.string().max(256),
  field_map: z.record(z.string(), z.string()),
  metric: optional(metric),
  dimension: optional(dimension),
  vector_type: optional(z.string()),
  read_parameters: optional(z.record(z.string(), z.unknown())),
  write_parameters: optional(z.record(z.string(), z.unknown())),
});
const serverless = z.strictObject({
  ...place,
  read_capacity: optional(readCapacityShape),
  /** Which metadata can be filtered. Here all of them can. */
  schema: z.unknown().optional(),
  source_collection: z.unknown().optional(),
});
const createBody = z.strictObject({
  name: optional(z.string().max(512)),
  dimension: optional(dimension),
  metric: optional(metric),
  vector_type: optional(z.string()),
  spec: optional(z.strictObject({ serverless: optional(serverless), pod: z.unknown().optional(), byoc: z.unknown().optional() })),
  deployment: optional(z.looseObject({ deployment_type: z.string(), ...place })),
  schema: optional(z.strictObject({ fields: z.record(z.string(), z.looseObject({ type: optional(z.string()) })) })),
  cmek_id: z.unknown().optional(),
  ...common,
});
const denseField = z.strictObject({
  type: z.literal('dense_vector'),
  dimension,
  metric: optional(metric),
  description: z.unknown().optional(),
});
const sparseField = z.strictObject({
  type: z.literal('sparse_vector'),
  metric: optional(metric),
  description: z.unknown().optional(),
});
const forModelBody = z.strictObject({
  name: z.string().max(512),
  ...place,
  embed,
  schema: z.unknown().optional(),
  ...common,
});

type Common = Pick<z.output<typeof createBody>, keyof typeof common>;
type Place = { cloud?: string | undefined; region?: string | undefined };

/**
 * Parses the body of `POST /indexes`, in the form before or since version 2026-07.
 *
 * @throws TributaryError INPUT_SHAPE
 */
export function readCreate(body: unknown): AskedIndex {
  const asked = readValue(createBody, body);
  const { name = `index-${randomBytes(4).toString('hex')}`, spec, deployment, schema } = asked;
  if (spec?.pod != null) unsupported('pods; ask for a serverless index');
  if (spec?.byoc != null || deployment?.deployment_type === 'byoc') unsupported('bring-your-own-cloud');
  if (deployment !== undefined && deployment.deployment_type !== 'managed')
    unsupported(`deployments of type '${deployment.deployment_type}'; ask for a managed one`);
  if (spec?.serverless?.source_collection != null) unsupported('collections');
  if (asked.cmek_id != null) unsupported('keys of a cloud');
  const { read_capacity = spec?.serverless?.read_capacity } = asked;
  const made = { ...(schema === undefined ? legacyVectors(asked) : schemaVectors(schema.fields)), name };
  return { index: made, labels: labelsOf({ ...asked, read_capacity }, deployment ?? spec?.serverless ?? {}, null) };
}

function legacyVectors({ dimension: length, metric: measure, vector_type }: z.output<typeof createBody>): Vectors {
  if (vector_type === 'sparse') {
    if (length !== undefined) refuse('dimension should not be specified for sparse indexes');
    return sparseVectors(measure);
  }
  if (vector_type !== undefined && vector_type !== 'dense') unsupported(`vectors of type '${vector_type}'`);
  if (length === undefined) refuse('dimension: is needed for an index of dense vectors');
  return denseVectors(length, measure);
}

type Vectors = Pick<CreateIndexBody, 'dimension' | 'metric' | 'vectors'>;

/** Any index of dense vectors with the dot product takes sparse values, too. */
const denseVectors = (length: number, measure: CreateIndexBody['metric'] = 'cosine'): Vectors => ({
  dimension: length,
  metric: measure,
  vectors: measure === 'dotproduct' ? 'both' : 'dense',
});

function sparseVectors(measure: CreateIndexBody['metric'] = 'dotproduct'): Vectors {
  if (measure !== 'dotproduct') refuse('Sparse vector indexes must use the metric dotproduct');
  return { metric: measure, vectors: 'sparse' };
}

function schemaVectors(fields: Record<string, { type?: string | undefined }>): Vectors {
  const { _values: values, _sparse_values: sparse, ...others } = fields;
  if (Object.keys(fields).length === 0)
    refuse(
      'Schema must contain at least one of the following field types: dense_vector, sparse_vector, string with full_text_search',
    );
  if (Object.keys(others).length > 0 || (values !== undefined && sparse !== undefined))
    unsupported("indexes with fields other than '_values' or '_sparse_values' alone; for text, use create-for-model");
  if (values === undefined) return sparseVectors(readValue(sparseField, sparse).metric);
  const { dimension: length, metric: measure } = readValue(denseField, values);
  return denseVectors(length, measure);
}

function refuse(message: string): never {
  throw new TributaryError('INPUT_SHAPE', message);
}

/**
 * Parses the body of `POST /indexes/create-for-model`.
 *
 * @param model id of the node's model, which may be given by its last part
 * @throws TributaryError INPUT_SHAPE
 */
export function readCreateForModel(body: unknown, model: string): AskedIndex {
  const asked = readValue(forModelBody, body);
  const { name, embed: wished } = asked;
  const { text: field, ...others } = wished.field_map;
  if (field === undefined) throw new TributaryError('INPUT_SHAPE', "field_map: Missing required key 'text'");
  if (Object.keys(others).length > 0) unsupported("keys of a field_map other than 'text'");
  if (wished.vector_type === 'sparse') unsupported('models of sparse vectors');
  const named = wished.model === model.split('/').at(-1) ? model : wished.model;
  const length = wished.dimension === undefined ? {} : { dimension: wished.dimension };
  return { index: { name, model: named, metric: wished.metric ?? 'cosine', ...length }, labels: labelsOf(asked, asked, field) };
}

function labelsOf(
  { tags = {}, deletion_protection, read_capacity }: Common,
  { cloud = 'aws', region = 'us-east-1' }: Place,
  field: string | null,
): AskedIndex['labels'] {
  checkReadCapacity(read_capacity);
  return {
    tags,
    protected: deletion_protection === 'enabled',
    attributes: toAttributes({ cloud, region, field, namespaces: [] }),
  };
}

/** @throws TributaryError INPUT_SHAPE */
export function checkReadCapacity(capacity: { mode: string } | undefined): void {
  if (capacity !== undefined && capacity.mode !== 'OnDemand') unsupported(`read capacity of mode '${capacity.mode}'`);
}
