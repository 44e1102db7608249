import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { StoreError } from '../errors.ts';
import { modelCardBytesMax } from '../limits.ts';

// Files of a model as they lie in a repository of the Hugging Face hub.

export const tokenizerConfig = z.object({ model_max_length: z.number().optional() });

/** `model_max_length` of tokenizers that have no bound is a very large number. */
const TOKENS_MAX = 1_048_576;
/** A name on the hub, not a path on the machine where the model was trained. */
const HUB_NAME = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;
const ID_DIGITS = 12;

/** What a model is called on the hub; null when its files do not say. */
export const hubName = (said: string | undefined): string | null => (said !== undefined && HUB_NAME.test(said) ? said : null);

/** What a model without a name is called: the same files give the same id. */
export const idWithoutName = (type: string, weightsSha256: string): string => `${type}-${weightsSha256.slice(0, ID_DIGITS)}`;

/** The smallest bound of those that its files state, in tokens. */
export const windowOf = (said: readonly (number | undefined)[]): number =>
  Math.min(...said.filter((tokens) => tokens !== undefined && tokens > 0 && tokens < TOKENS_MAX).map(Number), TOKENS_MAX);

/**
 * A file; null when there is none.
 *
 * @throws StoreError MODEL_NOT_FOUND when it is another one
 */
export async function readHubFile<Shape>(path: string, shape: z.ZodType<Shape>): Promise<Shape | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  // Configurations may list the words of a tokenizer, but hardly megabytes.
  const read = text.length > 16 * modelCardBytesMax ? null : shape.safeParse(parse(text));
  if (read?.success === true) return read.data;
  throw new StoreError('MODEL_NOT_FOUND', `${path} is not the file that sentence-transformers writes`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
