import { dimensionMax, TributaryError, type CreateIndexBody } from '@tributary/schemas';
import { z } from 'zod';
import { schemaBytesMax, schemaFieldsMax } from '../limits.ts';
import { optional, readValue, unsupported } from '../parts.ts';
import type { SchemaFields } from './kept.ts';

/** What an index holds, and the names of its fields. */
export interface IndexShape {
  index: Pick<CreateIndexBody, 'dimension' | 'metric' | 'vectors' | 'model'>;
  /** The field with the text; null: none. */
  field: string | null;
  /** Left out for an index of vectors, whose fields have names of their own. */
  schema?: SchemaFields;
}

export const metric = z.enum(['cosine', 'dotproduct', 'euclidean']);
export const dimension = z.number().int().min(1).max(dimensionMax);
const describable = { description: z.unknown().optional(), required: z.unknown().optional() };
const denseField = z.strictObject({ type: z.literal('dense_vector'), dimension, metric: optional(metric), ...describable });
const sparseField = z.strictObject({ type: z.literal('sparse_vector'), metric: optional(metric), ...describable });
const semanticField = z.looseObject({
  type: z.literal('semantic_text'),
  model: z.string().max(256),
  dimension: optional(dimension),
  metric: optional(metric),
});
const textField = z.looseObject({
  type: z.literal('string'),
  full_text_search: z.looseObject({
    language: optional(z.string().max(64)),
    stemming: optional(z.boolean()),
    stop_words: optional(z.boolean()),
    ngram: z.unknown().optional(),
  }),
});
/** Fields of these types are metadata. A field without a type only says that it can be filtered, as all can here. */
const SCALARS: readonly (string | undefined)[] = ['string', 'string_list', 'float', 'integer', 'boolean', undefined];

type Given = Readonly<Record<string, { type?: string | undefined; [member: string]: unknown }>>;
type Vectors = IndexShape['index'];

/** Any index of dense vectors with the dot product takes sparse values, too. */
export const denseVectors = (length: number, measure: CreateIndexBody['metric'] = 'cosine'): Vectors => ({
  dimension: length,
  metric: measure,
  vectors: measure === 'dotproduct' ? 'both' : 'dense',
});

export function sparseVectors(measure: CreateIndexBody['metric'] = 'dotproduct'): Vectors {
  if (measure !== 'dotproduct') refuse('Sparse vector indexes must use the metric dotproduct');
  return { metric: measure, vectors: 'sparse' };
}

/** The node's model may be given by its last part. */
export const modelNamed = (name: string, model: string): string => (name === model.split('/').at(-1) ? model : name);

/**
 * What the schema of an index says: of vectors only, or of documents.
 *
 * @param model id of the node's model
 * @throws TributaryError INPUT_SHAPE
 */
export function readSchema(fields: Given, model: string): IndexShape {
  const { _values: values, _sparse_values: sparse, ...others } = fields;
  if (values === undefined && sparse === undefined) return documentShape(fields, model);
  if (Object.keys(others).length > 0 || (values !== undefined && sparse !== undefined))
    unsupported("'_values' or '_sparse_values' beside other fields");
  if (values === undefined) return { index: sparseVectors(readValue(sparseField, sparse).metric), field: null };
  const dense = readValue(denseField, values);
  return { index: denseVectors(dense.dimension, dense.metric), field: null };
}

function documentShape(fields: Given, model: string): IndexShape {
  checkNames(fields);
  const dense = onlyOf(fields, 'dense_vector');
  const sparse = onlyOf(fields, 'sparse_vector');
  const text = onlyText(fields);
  if (dense === undefined && sparse === undefined && text === undefined)
    refuse(
      'Schema must contain at least one of the following field types: dense_vector, sparse_vector, string with full_text_search',
    );
  if (text !== undefined && fields[text]!.type === 'string') checkText(readValue(textField, fields[text]).full_text_search);
  const schema = fields as SchemaFields;
  if (dense === undefined && sparse === undefined) return { index: textVectors(fields[text!]!, model), field: text!, schema };
  if (text !== undefined && fields[text]!.type === 'semantic_text')
    unsupported('semantic_text beside vectors of the caller: a record has one dense vector');
  return { index: vectorsOf(fields, dense, sparse), field: text ?? null, schema };
}

function vectorsOf(fields: Given, dense: string | undefined, sparse: string | undefined): Vectors {
  const given = sparse === undefined ? undefined : readValue(sparseField, fields[sparse]);
  if (dense === undefined) return sparseVectors(given!.metric);
  const { dimension: length, metric: measure = 'cosine' } = readValue(denseField, fields[dense]);
  if (given === undefined) return { dimension: length, metric: measure, vectors: 'dense' };
  sparseVectors(given.metric);
  if (measure !== 'dotproduct')
    unsupported(`a sparse_vector beside a dense_vector of metric '${measure}'; give the dense one the metric dotproduct`);
  return { dimension: length, metric: measure, vectors: 'both' };
}

/** Texts without vectors of the caller get those of the node's model. */
function textVectors(field: Given[string], model: string): Vectors {
  if (field.type !== 'semantic_text') return { model, metric: 'cosine' };
  const { model: name, dimension: length, metric: measure = 'cosine' } = readValue(semanticField, field);
  return { model: modelNamed(name, model), metric: measure, ...(length === undefined ? {} : { dimension: length }) };
}

/** @throws TributaryError INPUT_SHAPE */
function checkNames(fields: Given): void {
  const names = Object.keys(fields);
  if (names.length > schemaFieldsMax) refuse(`schema.fields: has ${names.length} fields, more than ${schemaFieldsMax}`);
  if (Buffer.byteLength(JSON.stringify(fields)) > schemaBytesMax) refuse(`schema.fields: has more than ${schemaBytesMax} bytes`);
  for (const name of names) {
    if (name === '' || /^[_$]/.test(name) || Buffer.byteLength(name) > 64)
      refuse(`schema.fields: the name '${name}' must have 1 to 64 bytes and not start with '_' or '$'`);
    const { type } = fields[name]!;
    if (!SCALARS.includes(type) && !['dense_vector', 'sparse_vector', 'semantic_text'].includes(type!))
      unsupported(`fields of type '${type}'`);
  }
}

/** Words are compared as they are. @throws TributaryError INPUT_SHAPE */
function checkText({ stemming, stop_words, ngram }: z.output<typeof textField>['full_text_search']): void {
  if (stemming === true || stop_words === true || ngram != null)
    unsupported('stemming, stop words and n-grams: it compares whole words, in every language alike');
}

function onlyOf(fields: Given, type: string): string | undefined {
  const [name, ...more] = Object.keys(fields).filter((one) => fields[one]!.type === type);
  if (more.length > 0) unsupported(`several fields of type ${type}: a record has one`);
  return name;
}

function onlyText(fields: Given): string | undefined {
  const isText = ({ type, full_text_search: words }: Given[string]) =>
    type === 'semantic_text' || (type === 'string' && words !== undefined && words !== null);
  const [name, ...more] = Object.keys(fields).filter((one) => isText(fields[one]!));
  if (more.length > 0) unsupported('several fields of text (full_text_search, semantic_text): a record has one');
  return name;
}

function refuse(message: string): never {
  throw new TributaryError('INPUT_SHAPE', message);
}
