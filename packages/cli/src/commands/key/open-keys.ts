import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { apiKeyAdmin, askNode, openApiKeys } from '@tributary/relay';
import { TributaryError } from '@tributary/schemas';
import { nodeRuns } from '../../data-folder.ts';

/**
 * Where the admin socket of a node may be, under the folder that the node was given; `npm start` runs its gateway in a
 * folder below.
 */
const PLACES = ['.', 'node', 'gateway'];

/**
 * Does something with the API keys of a node: the running node does it at once; without one, it is done on the folder,
 * which no other process can hold meanwhile.
 *
 * @throws TributaryError as the method does, STORE_LOCKED when a node is just starting, USAGE when the folder is a file
 */
export async function askKeys(
  data: string,
  method: 'keyCreate' | 'keyList' | 'keyRotate' | 'keyRevoke',
  params: object = {},
): Promise<unknown> {
  for (const place of PLACES) {
    if (await nodeRuns(join(data, place))) return askNode(join(data, place), method, params);
  }
  const found = await stat(data).catch(() => null);
  if (found !== null && !found.isDirectory()) throw new TributaryError('USAGE', `--data takes a folder; ${data} is a file`);
  const keys = await openApiKeys({ directory: join(data, 'api-keys'), now: Date.now, randomBytes });
  try {
    return await apiKeyAdmin(keys)[method]!(params, new AbortController().signal);
  } finally {
    await keys.close();
  }
}
