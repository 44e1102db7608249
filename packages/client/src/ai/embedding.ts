import type { EmbeddingModelV4 } from '@ai-sdk/provider';
import { embedTexts, type Embeds } from '../frameworks/embed-texts.ts';
import { textRecordsPerWrite } from '../http/limits.ts';

/** A node's embedding model, for `embed` and `embedMany`. */
export function tributaryEmbedding(node: Embeds): EmbeddingModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'tributary',
    modelId: node.model,
    maxEmbeddingsPerCall: textRecordsPerWrite,
    supportsParallelCalls: false,
    async doEmbed({ values, abortSignal }) {
      const { vectors, tokens } = await embedTexts(node, values, abortSignal);
      return { embeddings: vectors, usage: { tokens }, warnings: [] };
    },
  };
}
