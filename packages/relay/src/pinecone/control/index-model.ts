import type { Metric, VectorKinds } from '@tributary/schemas';
import type { IndexInfo } from '@tributary/store';
import { hasModel, keptOf, type SchemaFields } from './kept.ts';

/** An index as Pinecone's clients see it, own or offered by others. */
export interface ShownIndex {
  /** Its name here. For an offered index it may include the fingerprint. */
  name: string;
  id: string;
  /** 0 for sparse vectors only. */
  dimension: number;
  metric: Metric;
  vectors: VectorKinds;
  /** Null when the caller computes the vectors. */
  model: string | null;
  field: string | null;
  /** Fields of documents; null for an index of vectors or of texts. */
  schema: SchemaFields | null;
  protected: boolean;
  tags: Record<string, string>;
  cloud: string;
  region: string;
}

export function shownOwn(info: IndexInfo): ShownIndex {
  const { name, id, dimension, metric, vectors, model, tags } = info;
  const { cloud, region, field, schema = null } = keptOf(info);
  const embedded = hasModel(info) && field !== null;
  return {
    name,
    id,
    dimension,
    metric,
    vectors,
    model: embedded ? model.id : null,
    field,
    schema,
    protected: info.protected,
    tags,
    cloud,
    region,
  };
}

/** The members of both families of versions together. Every client reads its own (docs/spec/pinecone.md). */
export function toModel(index: ShownIndex, address: string): object {
  const { name, id, dimension, metric, vectors, model, field, tags, cloud, region } = index;
  const parameters = { read_parameters: { input_type: 'query' }, write_parameters: { input_type: 'passage' } };
  const semantic = { model, dimension, metric, ...parameters };
  const embed = { model, dimension, metric, vector_type: 'dense', field_map: { text: field }, ...parameters };
  const isSparse = vectors === 'sparse';
  const dense = { _values: { type: 'dense_vector', dimension, metric } };
  const classic = { ...(isSparse ? {} : dense), _sparse_values: { type: 'sparse_vector' } };
  const fields = index.schema === null ? undefined : completed(index.schema, { metric, semantic });
  const read_capacity = { mode: 'OnDemand', status: { state: 'Ready', current_replicas: null, current_shards: null } };
  return {
    name,
    host: `${address}/i/${id}`,
    status: { ready: true, state: 'Ready' },
    deletion_protection: index.protected ? 'enabled' : 'disabled',
    ...(Object.keys(tags).length > 0 ? { tags } : {}),
    ...(isSparse ? {} : { dimension }),
    metric,
    vector_type: isSparse ? 'sparse' : 'dense',
    spec: { serverless: { cloud, region, read_capacity } },
    deployment: { deployment_type: 'managed', cloud, region },
    ...(model === null ? {} : { embed }),
    schema: { fields: fields ?? (model === null ? classic : { [field!]: { type: 'semantic_text', ...semantic } }) },
    read_capacity,
  };
}

/** How the words of a field are compared, unless its schema says more. */
const WORDS = { language: 'en', stemming: false, stop_words: false };

/** Fields as they were given, with what was left to the node. */
function completed(fields: SchemaFields, { metric, semantic }: { metric: Metric; semantic: object }): SchemaFields {
  const whole = Object.entries(fields).map(([name, field]) => {
    const { type, full_text_search: words } = field;
    if (type === 'semantic_text') return [name, { ...field, ...semantic }];
    if (words != null) return [name, { ...field, full_text_search: { ...WORDS, ...words } }];
    return [name, type === 'dense_vector' ? { ...field, metric } : field];
  });
  return Object.fromEntries(whole) as SchemaFields;
}
