import { resolve } from 'node:path';
import { modelDigest } from '@tributary/proof';
import { StoreError } from '../errors.ts';
import type { Embedder } from '../types.ts';
import { readModel } from './card.ts';
import { openPool } from './pool.ts';
import { openTokenCounter } from './tokenizer.ts';

export interface EmbedderOptions {
  /** Folder with card.json, tokenizer and ONNX file. */
  modelDirectory: string;
  /** How many texts are embedded at once; by default one for each processor, at most `embedWorkersMax`. */
  workers?: number;
}

/**
 * Opens an embedding model that lies on this machine; nothing is fetched. Its files are compared with the card first.
 *
 * @throws StoreError MODEL_NOT_FOUND
 */
export async function openEmbedder({ modelDirectory, workers }: EmbedderOptions): Promise<Embedder> {
  const directory = resolve(modelDirectory);
  const model = await readModel(directory);
  const tokenizer = { directory, prefix: model.prefixDocument };
  const countTokens = await openTokenCounter(tokenizer);
  const { dtype, pooling, normalize, dimension, prefixQuery, prefixDocument } = model;
  const pool = await openPool({ directory, dtype, pooling, normalize }, workers);
  return {
    card: model.card,
    digest: modelDigest(model.card),
    dimension,
    maxTokens: model.maxTokens,
    async embed(texts, kind, signal) {
      signal?.throwIfAborted();
      const prefix = kind === 'query' ? prefixQuery : prefixDocument;
      const vectors = await Promise.all(texts.map((text) => pool.embed(prefix + text, kind, signal)));
      for (const vector of vectors) checkVector(vector, dimension);
      return vectors;
    },
    countTokens,
    tokenizer,
    close: () => pool.close(),
  };
}

function checkVector(vector: Float32Array, dimension: number): void {
  if (vector.length !== dimension || !vector.every(Number.isFinite)) {
    throw new StoreError(
      'EMBED_FAILED',
      `the model gave a vector of ${vector.length} components or with NaN; its card says ${dimension}`,
    );
  }
}
