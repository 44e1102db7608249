import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { askNode } from '@tributary/relay/local';
import { isTributaryError, TributaryError } from '@tributary/schemas';

/** True when a node answers on the data folder. */
export async function nodeRuns(data: string): Promise<boolean> {
  try {
    await askNode(data, 'status');
    return true;
  } catch (error) {
    if (isTributaryError(error) && error.code === 'NODE_NOT_RUNNING') return false;
    throw error;
  }
}

/**
 * @throws TributaryError STORE_LOCKED when a node runs on the folder, because only one process at a time can hold its
 *   databases
 */
export async function refuseSecondNode(data: string): Promise<void> {
  if (!(await nodeRuns(data))) return;
  throw new TributaryError(
    'STORE_LOCKED',
    `${data} is in use: a node runs on it; stop it first, or give another folder with --data`,
  );
}

/** @throws TributaryError USAGE when no node has ever run on the folder */
export async function requireNodeData(data: string, role: string): Promise<void> {
  const keys = await stat(join(data, 'keys')).catch(() => null);
  if (keys === null) throw new TributaryError('USAGE', `there is no data of a ${role} in ${data}; give its folder with --data`);
}
