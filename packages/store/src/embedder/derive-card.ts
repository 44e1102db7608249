import { join } from 'node:path';
import { z } from 'zod';
import { fileSha256 } from '../disk/files.ts';
import { StoreError } from '../errors.ts';
import type { ModelCard } from '../embedding.ts';
import { hubName, idWithoutName, readHubFile, tokenizerConfig, windowOf } from './hub-files.ts';

// What the files of sentence-transformers say of a model, as they lie in a repository of the Hugging Face hub.

const config = z.object({
  _name_or_path: z.string().optional(),
  model_type: z.string().default('model'),
  hidden_size: z.number().int().min(1).max(20_000),
  max_position_embeddings: z.number().int().optional(),
});
const sentenceConfig = z.object({ max_seq_length: z.number().int().optional() });
const prompts = z.object({ prompts: z.record(z.string(), z.string()).default({}) });
const pooling = z.object({
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode_mean_tokens: z.boolean().default(false),
});
const modules = z.array(z.object({ type: z.string() }));

/** Files of which any may be missing, but for one of weights. */
const FILES = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'onnx/model.onnx',
  'onnx/model.onnx_data',
  'onnx/model_fp16.onnx',
  'onnx/model_fp16.onnx_data',
  'onnx/model_quantized.onnx',
];
/**
 * The card of a model that comes without one. The same files make the same card, wherever they lie.
 *
 * @throws StoreError MODEL_NOT_FOUND when they do not say enough; the message names what is missing
 */
export async function deriveCard(directory: string): Promise<ModelCard> {
  const read = <Shape>(name: string, shape: z.ZodType<Shape>) => readHubFile(join(directory, name), shape);
  const main = await read('config.json', config);
  if (main === null)
    throw new StoreError('MODEL_NOT_FOUND', `there is no model in ${directory}: neither card.json nor config.json can be read`);
  const pool = await read('1_Pooling/config.json', pooling);
  if (pool === null || pool.pooling_mode_cls_token === pool.pooling_mode_mean_tokens)
    throw new StoreError(
      'MODEL_NOT_FOUND',
      `${directory} does not say how the model pools: add 1_Pooling/config.json of its repository (cls or mean), or a card.json`,
    );
  const files = await hashAll(directory);
  const said = (await read('config_sentence_transformers.json', prompts))?.prompts ?? {};
  const steps = (await read('modules.json', modules)) ?? [];
  const weights = files.find(({ path }) => path.endsWith('.onnx'))?.sha256 ?? '';
  return {
    id: hubName(main._name_or_path) ?? idWithoutName(main.model_type, weights),
    files,
    dimension: main.hidden_size,
    maxTokens: windowOf([
      (await read('sentence_bert_config.json', sentenceConfig))?.max_seq_length,
      (await read('tokenizer_config.json', tokenizerConfig))?.model_max_length,
      main.max_position_embeddings,
    ]),
    pooling: pool.pooling_mode_cls_token ? 'cls' : 'mean',
    normalize: steps.some(({ type }) => type.endsWith('Normalize')),
    prefixQuery: said['query'] ?? '',
    prefixDocument: said['document'] ?? said['passage'] ?? '',
  };
}

async function hashAll(directory: string): Promise<{ path: string; sha256: string }[]> {
  const hashed = await Promise.all(
    FILES.map(async (path) => ({ path, sha256: await fileSha256(join(directory, path)).catch(() => null) })),
  );
  return hashed.flatMap(({ path, sha256 }) => (sha256 === null ? [] : [{ path, sha256 }]));
}
