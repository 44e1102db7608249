import { checkShape } from '@tributary/schemas';
import { StoreError } from '@tributary/store';
import { z } from 'zod';
import type { Endpoint } from '../../gateway/endpoint.ts';
import type { VectorSources } from './get-embeddings.ts';

/** A model as OpenAI's clients see it. */
export interface OpenAiModel {
  id: string;
  object: 'model';
  /** Unix seconds. */
  created: number;
  owned_by: string;
}

const model = z.strictObject({ id: z.string(), object: z.literal('model'), created: z.number().int(), owned_by: z.string() });
const list = z.strictObject({ object: z.literal('list'), data: z.array(model) });
const path = z.strictObject({ '*': z.string().max(256) });

/** The node's own model, and those that it could buy vectors of. */
export function listModels({ own, market }: VectorSources, openedMs: number): OpenAiModel[] {
  const models = own === null ? [] : [toModel(own.card.id, openedMs)];
  for (const { offer } of market?.offers() ?? [])
    if (market?.offers(offer.model.id).length !== 0 && !models.some(({ id }) => id === offer.model.id))
      models.push(toModel(offer.model.id, offer.issued));
  return models;
}

/** @throws StoreError MODEL_NOT_FOUND */
export function findModel(models: readonly OpenAiModel[], id: string): OpenAiModel {
  const found = models.find((one) => one.id === id);
  if (found !== undefined) return found;
  throw new StoreError(
    'MODEL_NOT_FOUND',
    `there is no model '${id}' here; there is ${models.map((one) => one.id).join(', ') || 'none'}`,
  );
}

/** `owned_by` is the part before the slash, as on the Hugging Face hub. */
function toModel(id: string, openedMs: number): OpenAiModel {
  return {
    id,
    object: 'model',
    created: Math.floor(openedMs / 1_000),
    owned_by: id.includes('/') ? id.split('/', 1)[0]! : 'local',
  };
}

export const modelsEndpoint: Endpoint<null, OpenAiModel[]> = {
  id: 'openai-models',
  summary: "The node's embedding model, and those that it may buy vectors of.",
  replies: { 200: { description: 'The models.', schema: list } },
  parse: () => null,
  shape: (data) => ({ object: 'list', data }),
};

export const modelEndpoint: Endpoint<string, OpenAiModel> = {
  id: 'openai-model',
  summary: 'One model.',
  replies: { 200: { description: 'The model.', schema: model } },
  errors: ['INPUT_SHAPE', 'MODEL_NOT_FOUND'],
  parse: (request) => checkShape(path, request.params, 'path')['*'],
  shape: (found) => found,
};
