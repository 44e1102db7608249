import { openEmbedder, type Embedder } from '@tributary/store';
import type { Parts } from '../parts.ts';

/** Embeds a question for an index of the model with this digest; null when the provider has to do it. */
export type EmbedQuestion = (text: string, digest: string) => Promise<Float32Array | null>;

/**
 * Loads the model at the first question that needs it. A question for an index of another model is left to its
 * provider.
 */
export function lazyEmbedder(modelDirectory: string | null, parts: Parts): EmbedQuestion {
  if (modelDirectory === null) return async () => null;
  let opening: Promise<Embedder> | null = null;
  parts.onClose('embedder', async () => (await opening)?.close());
  return async (text, digest) => {
    opening ??= openEmbedder({ modelDirectory, workers: 1 });
    const embedder = await opening;
    return embedder.digest === digest ? ((await embedder.embed([text], 'query'))[0] ?? null) : null;
  };
}

/** Embeds with a model that somebody else opened and closes. */
export function sharedEmbedder(embedder: Embedder): EmbedQuestion {
  return async (text, digest) => (embedder.digest === digest ? ((await embedder.embed([text], 'query'))[0] ?? null) : null);
}
