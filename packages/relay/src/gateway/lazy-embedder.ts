import { openEmbedder, type Embedder } from '@tributary/store';
import type { Parts } from '../parts.ts';

/** Embeds a question for an index with the model of this digest; null when the provider must do it. */
export type EmbedQuestion = (text: string, digest: string) => Promise<Float32Array | null>;

/**
 * Loads the model at the first question that needs it. Questions for indexes of other models are embedded by their
 * providers.
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

/** Embeds with a model that is opened and closed elsewhere. */
export function sharedEmbedder(embedder: Embedder): EmbedQuestion {
  return async (text, digest) => (embedder.digest === digest ? ((await embedder.embed([text], 'query'))[0] ?? null) : null);
}
