import { randomBytes } from 'node:crypto';
import { TributaryError, type CreateIndexBody } from '@tributary/schemas';
import type { IndexCard } from '@tributary/store';
import { z } from 'zod';
import { indexTagsMax } from '../limits.ts';
import { optional, readValue, unsupported } from '../parts.ts';
import { toAttributes, type Kept } from './kept.ts';
import { denseVectors, dimension, metric, modelNamed, readSchema, sparseVectors, type IndexShape } from './schema-fields.ts';

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

const placeShape = { cloud: optional(z.string().max(64)), region: optional(z.string().max(64)) };
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
  ...placeShape,
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
  deployment: optional(z.looseObject({ deployment_type: z.string(), ...placeShape })),
  schema: optional(z.strictObject({ fields: z.record(z.string(), z.looseObject({ type: optional(z.string()) })) })),
  cmek_id: z.unknown().optional(),
  ...common,
});
const forModelBody = z.strictObject({
  name: z.string().max(512),
  ...placeShape,
  embed,
  schema: z.unknown().optional(),
  ...common,
});

type Common = Pick<z.output<typeof createBody>, keyof typeof common>;
type Place = { cloud?: string | undefined; region?: string | undefined };

/**
 * Parses the body of `POST /indexes`, in the form before or since version 2026-07.
 *
 * @param model id of the node's model, which may be given by its last part
 * @throws TributaryError INPUT_SHAPE
 */
export function readCreate(body: unknown, model: string): AskedIndex {
  const asked = readValue(createBody, body);
  const { name = `index-${randomBytes(4).toString('hex')}`, spec, deployment, schema } = asked;
  if (spec?.pod != null) unsupported('pods; ask for a serverless index');
  if (spec?.byoc != null || deployment?.deployment_type === 'byoc') unsupported('bring-your-own-cloud');
  if (deployment !== undefined && deployment.deployment_type !== 'managed')
    unsupported(`deployments of type '${deployment.deployment_type}'; ask for a managed one`);
  if (spec?.serverless?.source_collection != null) unsupported('collections');
  if (asked.cmek_id != null) unsupported('keys of a cloud');
  const { read_capacity = spec?.serverless?.read_capacity } = asked;
  const { index, ...fields } = schema === undefined ? legacyVectors(asked) : readSchema(schema.fields, model);
  const place = deployment ?? spec?.serverless ?? {};
  return { index: { ...index, name }, labels: labelsOf({ ...asked, read_capacity }, place, fields) };
}

function legacyVectors({ dimension: length, metric: measure, vector_type }: z.output<typeof createBody>): IndexShape {
  if (vector_type === 'sparse') {
    if (length !== undefined) refuse('dimension should not be specified for sparse indexes');
    return { index: sparseVectors(measure), field: null };
  }
  if (vector_type !== undefined && vector_type !== 'dense') unsupported(`vectors of type '${vector_type}'`);
  if (length === undefined) refuse('dimension: is needed for an index of dense vectors');
  return { index: denseVectors(length, measure), field: null };
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
  const named = modelNamed(wished.model, model);
  const length = wished.dimension === undefined ? {} : { dimension: wished.dimension };
  return {
    index: { name, model: named, metric: wished.metric ?? 'cosine', ...length },
    labels: labelsOf(asked, asked, { field }),
  };
}

function labelsOf(
  { tags = {}, deletion_protection, read_capacity }: Common,
  { cloud = 'aws', region = 'us-east-1' }: Place,
  fields: Pick<Kept, 'field' | 'schema'>,
): AskedIndex['labels'] {
  checkReadCapacity(read_capacity);
  return {
    tags,
    protected: deletion_protection === 'enabled',
    attributes: toAttributes({ cloud, region, ...fields, namespaces: [] }),
  };
}

/** @throws TributaryError INPUT_SHAPE */
export function checkReadCapacity(capacity: { mode: string } | undefined): void {
  if (capacity !== undefined && capacity.mode !== 'OnDemand') unsupported(`read capacity of mode '${capacity.mode}'`);
}
