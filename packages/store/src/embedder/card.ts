import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { languageTags, inWords } from '@tributary/schemas';
import { z } from 'zod';
import { fileSha256 } from '../disk/files.ts';
import { StoreError } from '../errors.ts';
import { modelCardBytesMax } from '../limits.ts';
import { deriveCard } from './derive-card.ts';
import type { ModelCard, Weights } from '../embedding.ts';

/** The members of a card that are needed to run the model. A card may have more. */
const runnable = z.looseObject({
  id: z.string().min(1),
  files: z
    .array(z.object({ path: z.string().regex(/^[\w-][\w./-]*$/), sha256: z.string().regex(/^[0-9a-f]{64}$/) }))
    .min(1)
    .max(64),
  dimension: z.number().int().min(1).max(20_000),
  maxTokens: z.number().int().min(16),
  pooling: z.enum(['cls', 'mean']),
  normalize: z.boolean(),
  prefixQuery: z.string(),
  prefixDocument: z.string(),
  languages: languageTags.optional(),
});

/** Files of weights as transformers.js names them. */
export const WEIGHTS: Readonly<Record<string, Weights>> = {
  'onnx/model_quantized.onnx': 'q8',
  'onnx/model_fp16.onnx': 'fp16',
  'onnx/model.onnx': 'fp32',
};

export interface RunnableModel {
  /** The card as it was read. The digest covers its members and their order. */
  card: ModelCard;
  dimension: number;
  maxTokens: number;
  pooling: 'cls' | 'mean';
  normalize: boolean;
  prefixQuery: string;
  prefixDocument: string;
  /** Weights that it comes with. */
  weights: Weights[];
  /** True when its files have the checksums of a card that came with them. */
  checked: boolean;
}

/**
 * Reads the card of a model and checks its files against the checksums in it. A folder without a card, as it comes from
 * the Hugging Face hub, gets the one that its files make.
 *
 * @throws StoreError MODEL_NOT_FOUND when card or files are missing, malformed or changed
 */
export async function readModel(directory: string): Promise<RunnableModel> {
  const path = join(directory, 'card.json');
  const { value, own } = await readCard(directory, path);
  const card = runnable.safeParse(value, { error: inWords });
  if (!card.success) {
    const issue = card.error.issues[0];
    throw new StoreError(
      'MODEL_NOT_FOUND',
      `${path} does not describe a model: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    );
  }
  const { files, dimension, maxTokens, pooling, normalize, prefixQuery, prefixDocument } = card.data;
  for (const file of files) await checkFile(directory, file);
  const weights = files.flatMap(({ path: file }) => WEIGHTS[file] ?? []);
  if (weights.length === 0)
    throw new StoreError(
      'MODEL_NOT_FOUND',
      `${path} lists no weights; one of these must be there: ${Object.keys(WEIGHTS).join(', ')}`,
    );
  const run = { dimension, maxTokens, pooling, normalize, prefixQuery, prefixDocument, weights };
  return { card: value as ModelCard, ...run, checked: own };
}

/** The folder's own card, or the one that its other files make. */
async function readCard(directory: string, path: string): Promise<{ value: unknown; own: boolean }> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw new StoreError('MODEL_NOT_FOUND', `there is no model in ${directory}: card.json cannot be read`, { cause });
  });
  if (text === null) return { value: await deriveCard(directory), own: false };
  return { value: text.length > modelCardBytesMax ? null : parse(text), own: true };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function checkFile(directory: string, { path, sha256 }: { path: string; sha256: string }): Promise<void> {
  const full = join(directory, path);
  const found = path.split('/').includes('..') ? null : await fileSha256(full).catch(() => null);
  if (found === null) throw new StoreError('MODEL_NOT_FOUND', `${full} is missing; the card names it`);
  if (found !== sha256)
    throw new StoreError('MODEL_NOT_FOUND', `${full} is not the file that the card names: its SHA-256 is ${found}`);
}
