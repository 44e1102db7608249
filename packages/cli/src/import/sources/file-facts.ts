import { stat } from 'node:fs/promises';
import { TributaryError } from '@tributary/schemas';

/**
 * Size of a file, and a mark that changes with its content.
 *
 * @throws TributaryError PATH_NOT_FOUND
 */
export async function fileFacts(path: string): Promise<{ size: number; version: string }> {
  const facts = await stat(path).catch((cause: unknown) => {
    throw new TributaryError('PATH_NOT_FOUND', `${path} cannot be read; give a file`, { cause });
  });
  if (!facts.isFile()) throw new TributaryError('PATH_NOT_FOUND', `${path} is not a file; give one`);
  return { size: facts.size, version: `${facts.size} ${facts.mtimeMs}` };
}
