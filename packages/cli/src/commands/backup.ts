import { cp, mkdir, readdir, rename } from 'node:fs/promises';
import { resolve } from 'node:path';
import { askNode } from '@tributary/relay';
import { isTributaryError, TributaryError } from '@tributary/schemas';
import { dataFolder, type Role } from '../folders.ts';
import type { Output } from '../ui/output.ts';

/**
 * `tributary backup DIRECTORY`: copies a stopped node's data folder, keys included. The copy appears under its name only when it is
 * complete. A restored ledger must not go on where it stood (docs/guides/provider.md).
 */
export async function backupCommand(target: string, options: { data?: string; role?: string }, output: Output): Promise<number> {
  const role = options.role ?? 'provider';
  if (role !== 'provider' && role !== 'gateway' && role !== 'client')
    throw new TributaryError('USAGE', `--role is provider, gateway or client, not '${role}'`);
  const data = dataFolder(role satisfies Role, options.data);
  await refuseRunning(data);
  const to = resolve(target);
  if ((await readdir(to).catch(() => [])).length > 0) throw new TributaryError('USAGE', `${to} is not empty; give a new folder`);
  const draft = `${to}.incomplete`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await cp(data, draft, { recursive: true, preserveTimestamps: true, filter: (path) => !path.endsWith('.sock') });
  await rename(draft, to);
  output.line(`copied ${data} to ${to}; it holds private keys, so keep it safe`);
  return 0;
}

/** Files of an open database cannot be copied consistently. */
async function refuseRunning(data: string): Promise<void> {
  try {
    await askNode(data, 'status');
  } catch (error) {
    if (isTributaryError(error) && error.code === 'NODE_NOT_RUNNING') return;
    throw error;
  }
  throw new TributaryError('USAGE', `a node runs on ${data}; stop it first: a copy of open databases would be torn`);
}
