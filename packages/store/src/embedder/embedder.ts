import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { modelDigest } from '@tributary/proof';
import { StoreError } from '../errors.ts';
import type { Embedder } from '../types.ts';
import { readModel } from './card.ts';
import { openPool } from './pool.ts';

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
  const tokenizer = await openTokenizer(directory);
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
      const vectors = await Promise.all(texts.map((text) => pool.embed(prefix + text, kind)));
      for (const vector of vectors) checkVector(vector, dimension);
      return vectors;
    },
    countTokens: (text) => tokenizer.encode(prefixDocument + text).ids.length,
    close: () => pool.close(),
  };
}

async function openTokenizer(directory: string): Promise<Tokenizer> {
  try {
    const [tokenizer, config] = await Promise.all(
      ['tokenizer.json', 'tokenizer_config.json'].map(
        async (name) => JSON.parse(await readFile(join(directory, name), 'utf8')) as object,
      ),
    );
    return new Tokenizer(tokenizer!, config!);
  } catch (cause) {
    throw new StoreError('MODEL_NOT_FOUND', `the tokenizer in ${directory} cannot be read`, { cause });
  }
}

function checkVector(vector: Float32Array, dimension: number): void {
  if (vector.length !== dimension || !vector.every(Number.isFinite)) {
    throw new StoreError(
      'EMBED_FAILED',
      `the model gave a vector of ${vector.length} components or with NaN; its card says ${dimension}`,
    );
  }
}
