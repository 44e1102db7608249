import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { StoreError } from '../errors.ts';

/** Where the files of a model's tokenizer are, and the prefix that the model puts before every document. */
export interface TokenizerSource {
  readonly directory: string;
  readonly prefix: string;
}

/**
 * Returns a counter of a document's tokens as its model sees them, special tokens included.
 *
 * @throws StoreError MODEL_NOT_FOUND
 */
export async function openTokenCounter({ directory, prefix }: TokenizerSource): Promise<(text: string) => number> {
  const { tokenizer } = await openTokenizer(directory);
  return (text) => tokenizer.encode(prefix + text).ids.length;
}

/**
 * Opens the tokenizer of a model, with the id of its padding.
 *
 * @throws StoreError MODEL_NOT_FOUND
 */
export async function openTokenizer(directory: string): Promise<{ tokenizer: Tokenizer; padId: number }> {
  try {
    const [tokenizer, config] = await Promise.all(
      ['tokenizer.json', 'tokenizer_config.json'].map(
        async (name) => JSON.parse(await readFile(join(directory, name), 'utf8')) as object,
      ),
    );
    const opened = new Tokenizer(tokenizer!, config!);
    const { pad_token: pad } = config as { pad_token?: unknown };
    // Padding is masked, so any token will do where the files name none.
    return { tokenizer: opened, padId: (typeof pad === 'string' ? opened.token_to_id(pad) : undefined) ?? 0 };
  } catch (cause) {
    throw new StoreError('MODEL_NOT_FOUND', `the tokenizer in ${directory} cannot be read`, { cause });
  }
}
