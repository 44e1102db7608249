import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fileSha256 } from '../disk/files.ts';
import { WEIGHTS } from '../embedder/card.ts';
import { hubName, idWithoutName, readHubFile, tokenizerConfig, windowOf } from '../embedder/hub-files.ts';
import type { Weights } from '../embedding.ts';
import { StoreError } from '../errors.ts';
import { rerankTokensMax } from '../limits.ts';

const config = z.object({
  _name_or_path: z.string().optional(),
  model_type: z.string(),
  max_position_embeddings: z.number().int().optional(),
  num_labels: z.number().int().optional(),
  id2label: z.record(z.string(), z.string()).optional(),
});

/** Classes of a model whose files do not say how many, as transformers takes them. */
const LABELS_UNSAID = 2;

export interface RunnableReranker {
  id: string;
  maxTokens: number;
  weights: Weights[];
}

/**
 * Reads what the files of a cross-encoder say, as they lie in a repository of the Hugging Face hub.
 *
 * @throws StoreError MODEL_NOT_FOUND
 */
export async function readReranker(directory: string): Promise<RunnableReranker> {
  const main = await readHubFile(join(directory, 'config.json'), config);
  if (main === null) refuse(`there is no reranking model in ${directory}: config.json cannot be read`);
  const labels = main.id2label === undefined ? (main.num_labels ?? LABELS_UNSAID) : Object.keys(main.id2label).length;
  if (labels < 1 || labels > 2)
    refuse(`the model in ${directory} tells ${labels} classes apart; a reranking model gives one score, or two classes`);
  const files = await present(directory);
  if (files.length === 0) refuse(`${directory} has no weights; one of these must be there: ${Object.keys(WEIGHTS).join(', ')}`);
  const said = await readHubFile(join(directory, 'tokenizer_config.json'), tokenizerConfig);
  const window = windowOf([said?.model_max_length, main.max_position_embeddings]);
  return {
    id: hubName(main._name_or_path) ?? idWithoutName(main.model_type, await fileSha256(join(directory, files[0]!))),
    maxTokens: Math.min(window, rerankTokensMax),
    weights: files.map((file) => WEIGHTS[file]!),
  };
}

async function present(directory: string): Promise<string[]> {
  const found = await Promise.all(
    Object.keys(WEIGHTS).map((file) =>
      access(join(directory, file)).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}

function refuse(message: string): never {
  throw new StoreError('MODEL_NOT_FOUND', message);
}
