import type { EmbeddingModelV4 } from '@ai-sdk/provider';
import { embedTexts, textsPerCall, type Embeds } from '../frameworks/embed-texts.ts';

/** A node's embedding model, for `embed` and `embedMany`. */
export function tributaryEmbedding(node: Embeds): EmbeddingModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'tributary',
    modelId: node.model,
    maxEmbeddingsPerCall: textsPerCall,
    supportsParallelCalls: false,
    async doEmbed({ values, abortSignal }) {
      const { vectors, tokens } = await embedTexts(node, values, abortSignal);
      return { embeddings: vectors, usage: { tokens }, warnings: [] };
    },
  };
}
