import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPart } from '@tributary/runtime';
import { askNode } from '@tributary/relay/local';
import { isTributaryError, TributaryError } from '@tributary/schemas';

/**
 * Where the admin socket of a gateway may be, below the folder that was given: of a gateway alone, of the gateway in
 * `tributary node`, or of the one in `npm start`.
 */
const PLACES = ['.', 'gateway', 'node/gateway'];

/**
 * Calls a method on the API keys of a node. A running node applies it at once. Otherwise the folder is changed
 * directly; no other process can hold it meanwhile.
 *
 * @throws TributaryError as the method does, STORE_LOCKED when a node is just starting, USAGE when the folder is a file
 */
export async function askKeys(
  data: string,
  method: 'keyCreate' | 'keyList' | 'keyRotate' | 'keyRevoke',
  params: object = {},
): Promise<unknown> {
  for (const place of PLACES) {
    const reply = await askGateway(join(data, place), method, params);
    if (reply !== null) return reply.result;
  }
  const found = await stat(data).catch(() => null);
  if (found !== null && !found.isDirectory()) throw new TributaryError('USAGE', `--data takes a folder; ${data} is a file`);
  await checkPart(data, 'api-keys/spent');
  const { apiKeyAdmin, openApiKeys } = await import('@tributary/relay');
  const keys = await openApiKeys({ directory: join(data, 'api-keys'), now: Date.now, randomBytes });
  try {
    return await apiKeyAdmin(keys)[method]!(params, new AbortController().signal);
  } finally {
    await keys.close();
  }
}

/** Null when no gateway runs on the folder: either no node, or a provider, which has no API keys. */
async function askGateway(folder: string, method: string, params: object): Promise<{ result: unknown } | null> {
  try {
    return { result: await askNode(folder, method, params) };
  } catch (error) {
    if (isTributaryError(error) && ['NODE_NOT_RUNNING', 'METHOD_UNKNOWN'].includes(error.code)) return null;
    throw error;
  }
}
