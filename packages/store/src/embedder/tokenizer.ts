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
 * @param now false: the files are read, and the tokenizer is made of them at the first call, which takes a tenth of a
 *   second. For files that were checked
 * @throws StoreError MODEL_NOT_FOUND; the counter itself does, too, unless it was made now
 */
export async function openTokenCounter({ directory, prefix }: TokenizerSource, now = true): Promise<(text: string) => number> {
  const files = await readTokenizer(directory);
  let opened = now ? makeTokenizer(directory, files) : null;
  return (text) => (opened ??= makeTokenizer(directory, files)).tokenizer.encode(prefix + text).ids.length;
}

/**
 * Opens the tokenizer of a model, with the id of its padding.
 *
 * @throws StoreError MODEL_NOT_FOUND
 */
export const openTokenizer = async (directory: string) => makeTokenizer(directory, await readTokenizer(directory));

async function readTokenizer(directory: string): Promise<string[]> {
  const names = ['tokenizer.json', 'tokenizer_config.json'];
  return Promise.all(names.map((name) => readFile(join(directory, name), 'utf8'))).catch(unreadable(directory));
}

function makeTokenizer(directory: string, files: readonly string[]): { tokenizer: Tokenizer; padId: number } {
  try {
    const [tokenizer, config] = files.map((text) => JSON.parse(text) as object);
    const opened = new Tokenizer(tokenizer!, config!);
    const { pad_token: pad } = config as { pad_token?: unknown };
    // Padding is masked, so any token will do where the files name none.
    return { tokenizer: opened, padId: (typeof pad === 'string' ? opened.token_to_id(pad) : undefined) ?? 0 };
  } catch (cause) {
    return unreadable(directory)(cause);
  }
}

const unreadable =
  (directory: string) =>
  (cause: unknown): never => {
    throw new StoreError('MODEL_NOT_FOUND', `the tokenizer in ${directory} cannot be read`, { cause });
  };
