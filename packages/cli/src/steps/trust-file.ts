import { readFile } from 'node:fs/promises';
import { parseTrust } from '@tributary/proof';
import { TributaryError, type Trust } from '@tributary/schemas';

/** @throws TributaryError TRUST_FILE */
export async function readTrust(path: string): Promise<Trust> {
  try {
    return parseTrust(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new TributaryError('TRUST_FILE', `the trust file ${path} cannot be used: ${(cause as Error).message}`, { cause });
  }
}
