import { resolve } from 'node:path';
import { TributaryError } from '@tributary/schemas';
import { requireNodeData } from '../data-folder.ts';
import { dataFolder, type Role } from '../folders.ts';
import { copyData } from '../steps/copy-data.ts';
import type { Output } from '../ui/output.ts';

const ROLES = ['provider', 'gateway', 'node', 'client'] as const satisfies readonly Role[];

/**
 * `tributary backup DIRECTORY`: copies a node's data folder, keys included, also while the node runs. The copy appears
 * under its name only when it is complete. Use it only with `tributary restore`; never start a node on it
 * (docs/guides/provider.md).
 */
export async function backupCommand(target: string, options: { data?: string; role?: string }, output: Output): Promise<number> {
  const given = options.role ?? 'provider';
  const role = ROLES.find((one) => one === given);
  if (role === undefined) throw new TributaryError('USAGE', `--role is provider, gateway, node or client, not '${given}'`);
  const data = dataFolder(role, options.data);
  await requireNodeData(data, role);
  const { inUse } = await copyData(data, target);
  if (inUse) output.note('it is in use: the copy has all that was acknowledged before it began');
  output.line(`copied ${data} to ${resolve(target)}; it holds private keys, so keep it safe`);
  return 0;
}
