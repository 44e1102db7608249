import { StoreError } from '@tributary/store';
import { z } from 'zod';
import { embedInputsMax, rerankDocumentsMax } from '../limits.ts';
import { optional, readValue } from '../parts.ts';
import type { Endpoint } from '../row.ts';
import type { OwnEmbedder } from './embed.ts';
import { isNamed } from './named.ts';
import type { OwnReranker } from './rerank.ts';

/** A model in the form in which Pinecone describes its own. */
interface ModelInfo {
  model: string;
  type: 'embed' | 'rerank';
  [member: string]: unknown;
}

const choice = { type: 'one_of', value_type: 'string', required: false };
const truncate = { parameter: 'truncate', ...choice, allowed_values: ['END', 'NONE'], default: 'END' };

/** The models of the node. */
export function modelInfos(embedder: OwnEmbedder, reranker: OwnReranker | null): ModelInfo[] {
  return [embeddingInfo(embedder), ...(reranker === null ? [] : [rerankInfo(reranker)])];
}

function embeddingInfo({ card, dimension, maxTokens }: OwnEmbedder): ModelInfo {
  return {
    model: card.id,
    short_description: 'The embedding model of this node.',
    type: 'embed',
    vector_type: 'dense',
    default_dimension: dimension,
    modality: 'text',
    max_sequence_length: maxTokens,
    max_batch_size: embedInputsMax,
    ...providerOf(card.id),
    supported_dimensions: [dimension],
    supported_metrics: ['cosine', 'dotproduct', 'euclidean'],
    supported_parameters: [
      { parameter: 'input_type', ...choice, allowed_values: ['query', 'passage'], default: 'passage' },
      truncate,
    ],
  };
}

function rerankInfo({ id, maxTokens }: OwnReranker): ModelInfo {
  return {
    model: id,
    short_description: 'The reranking model of this node.',
    type: 'rerank',
    modality: 'text',
    max_sequence_length: maxTokens,
    max_batch_size: rerankDocumentsMax,
    ...providerOf(id),
    supported_parameters: [truncate],
  };
}

/** The part before the slash, if the name has one. */
const providerOf = (id: string) => (id.includes('/') ? { provider_name: id.split('/')[0] } : {});

const listQuery = z.strictObject({ type: optional(z.string()), vector_type: optional(z.string()) });

/** What is left out does not matter. */
interface Wanted {
  type?: string | undefined;
  vector_type?: string | undefined;
}

export const modelsEndpoint: Endpoint<Wanted, ModelInfo[]> = {
  parse: (request) => readValue(listQuery, request.query),
  shape: (models) => ({ models }),
};

export const modelsOf = (infos: readonly ModelInfo[], wanted: Wanted): ModelInfo[] =>
  infos.filter((info) =>
    (['type', 'vector_type'] as const).every((key) => wanted[key] === undefined || info[key] === wanted[key]),
  );

const path = z.object({ '*': z.string().max(256) });

export const modelEndpoint: Endpoint<string, ModelInfo> = {
  parse: (request) => readValue(path, request.params)['*'],
  shape: (model) => model,
};

/** @throws StoreError MODEL_NOT_FOUND */
export function modelNamed(infos: readonly ModelInfo[], name: string): ModelInfo {
  const info = infos.find(({ model }) => isNamed(model, name));
  if (info !== undefined) return info;
  throw new StoreError(
    'MODEL_NOT_FOUND',
    `Model '${name}' not found. This node has ${infos.map(({ model }) => model).join(', ')}`,
  );
}
