import { z } from 'zod';
import { embedInputsMax } from '../limits.ts';
import { optional, readValue } from '../parts.ts';
import type { Endpoint } from '../row.ts';
import type { OwnEmbedder } from './embed.ts';

/** The node's model in the form in which Pinecone describes its own. */
export function toModelInfo({ card, dimension, maxTokens }: OwnEmbedder): object {
  const [owner] = card.id.includes('/') ? card.id.split('/') : [undefined];
  const choice = { type: 'one_of', value_type: 'string', required: false };
  return {
    model: card.id,
    short_description: 'The embedding model of this node.',
    type: 'embed',
    vector_type: 'dense',
    default_dimension: dimension,
    modality: 'text',
    max_sequence_length: maxTokens,
    max_batch_size: embedInputsMax,
    ...(owner === undefined ? {} : { provider_name: owner }),
    supported_dimensions: [dimension],
    supported_metrics: ['cosine', 'dotproduct', 'euclidean'],
    supported_parameters: [
      { parameter: 'input_type', ...choice, allowed_values: ['query', 'passage'], default: 'passage' },
      { parameter: 'truncate', ...choice, allowed_values: ['END', 'NONE'], default: 'END' },
    ],
  };
}

const listQuery = z.strictObject({ type: optional(z.string()), vector_type: optional(z.string()) });

export const modelsEndpoint: Endpoint<{ embeds: boolean }, object[]> = {
  parse(request) {
    const { type = 'embed', vector_type = 'dense' } = readValue(listQuery, request.query);
    return { embeds: type === 'embed' && vector_type === 'dense' };
  },
  shape: (models) => ({ models }),
};

const path = z.object({ '*': z.string().max(256) });

export const modelEndpoint: Endpoint<string, object> = {
  parse: (request) => readValue(path, request.params)['*'],
  shape: (model) => model,
};
