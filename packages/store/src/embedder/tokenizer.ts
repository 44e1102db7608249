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
  try {
    const [tokenizer, config] = await Promise.all(
      ['tokenizer.json', 'tokenizer_config.json'].map(
        async (name) => JSON.parse(await readFile(join(directory, name), 'utf8')) as object,
      ),
    );
    const opened = new Tokenizer(tokenizer!, config!);
    return (text) => opened.encode(prefix + text).ids.length;
  } catch (cause) {
    throw new StoreError('MODEL_NOT_FOUND', `the tokenizer in ${directory} cannot be read`, { cause });
  }
}
