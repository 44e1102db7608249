import { resolve } from 'node:path';
import { TributaryError } from '@tributary/schemas';
import { nodeRuns, requireNodeData } from '../data-folder.ts';
import { dataFolder, type Role } from '../folders.ts';
import { copyData } from '../steps/copy-data.ts';
import type { Output } from '../ui/output.ts';

/**
 * `tributary backup DIRECTORY`: copies a stopped node's data folder, keys included. The copy appears under its name
 * only when it is complete. Use it only with `tributary restore`; never start a node on it (docs/guides/provider.md).
 */
export async function backupCommand(target: string, options: { data?: string; role?: string }, output: Output): Promise<number> {
  const role = options.role ?? 'provider';
  if (role !== 'provider' && role !== 'gateway' && role !== 'client')
    throw new TributaryError('USAGE', `--role is provider, gateway or client, not '${role}'`);
  const data = dataFolder(role satisfies Role, options.data);
  await requireNodeData(data, role);
  if (await nodeRuns(data))
    throw new TributaryError(
      'STORE_LOCKED',
      `a node runs on ${data}; stop it first, because a copy of open databases would be inconsistent`,
    );
  await copyData(data, target);
  output.line(`copied ${data} to ${resolve(target)}; it holds private keys, so keep it safe`);
  return 0;
}
