import type { Embedder } from '@tributary/store';
import type { Access } from '../gateway/access.ts';
import { askingRow, row } from '../gateway/endpoint.ts';
import type { InFlight } from '../gateway/in-flight.ts';
import type { Dialect } from '../gateway/types.ts';
import { embeddingsEndpoint, embedTexts, requireModel } from './embeddings.ts';
import { modelEndpoint, modelsEndpoint, toModel } from './models.ts';
import { refusal } from './refusal.ts';

/** What OpenAI's API needs of a node. */
export interface OpenAiDeps {
  embedder: Pick<Embedder, 'card' | 'dimension' | 'embedCounted'>;
  now(): number;
}

/** OpenAI's API (docs/spec/openai.md): each route is parse, one call, shape. */
export function openAiDialect({ embedder, now }: OpenAiDeps): (inFlight: InFlight) => Dialect {
  const read: Access = { permission: 'read' };
  const model = toModel(embedder.card.id, now());
  return (inFlight) => ({
    routes: [
      askingRow(inFlight, ['POST', '/v1/embeddings'], read, embeddingsEndpoint, (asked, _, signal) =>
        embedTexts(embedder, asked, signal),
      ),
      row(['GET', '/v1/models'], read, modelsEndpoint, () => [model]),
      row(['GET', '/v1/models/*'], read, modelEndpoint, (id) => {
        requireModel(embedder, id);
        return model;
      }),
    ],
    // Headers of OpenAI's own clients.
    claims: ({ headers }) => headers['x-stainless-lang'] !== undefined || headers['openai-beta'] !== undefined,
    refusal,
  });
}
