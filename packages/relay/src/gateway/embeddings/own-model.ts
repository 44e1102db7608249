import type { OwnVector } from '@tributary/client';
import { openEmbedder, type Embedder } from '@tributary/store';
import type { Parts } from '../../parts.ts';

/** The gateway's model, if it is the one of this digest. */
export type OwnModel = (digest: string) => Promise<Embedder | null>;

interface ModelPlace {
  modelDirectory: string | null;
  modelIdleMs?: number;
}

/** Opens the model when it is first needed. */
export function lazyModel({ modelDirectory, modelIdleMs }: ModelPlace, parts: Parts): OwnModel {
  if (modelDirectory === null) return async () => null;
  let opening: Promise<Embedder> | null = null;
  parts.onClose('embedder', async () => (await opening)?.close());
  return async (digest) => {
    opening ??= openEmbedder({ modelDirectory, workers: 1, idleMs: modelIdleMs });
    const embedder = await opening;
    return embedder.digest === digest ? embedder : null;
  };
}

/** A model that is opened and closed elsewhere. */
export const sharedModel =
  (embedder: Embedder): OwnModel =>
  async (digest) =>
    embedder.digest === digest ? embedder : null;

/** Embeds a question; null when the provider of the index must do it. */
export const questionsBy =
  (model: OwnModel) =>
  async (text: string, digest: string): Promise<Float32Array | null> =>
    (await (await model(digest))?.embed([text], 'query'))?.[0] ?? null;

/** Computes the vector of a text that was bought; null without its model. */
export const vectorsBy =
  (model: OwnModel) =>
  async (text: string, kind: 'document' | 'query', digest: string): Promise<OwnVector | null> => {
    const embedder = await model(digest);
    if (embedder === null) return null;
    const [vector] = await embedder.embed([text], kind);
    return { vector: vector!, weights: embedder.device.weights };
  };
