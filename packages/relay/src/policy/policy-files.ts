import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '@tributary/runtime';
import { defaultPolicy, readPolicy, type Policy } from './policy.ts';

/** The stored policies of a provider's indexes, so that a restart without `--policy` or `--price` keeps the terms. */
export interface Policies {
  /** The stored policy, or the default one. */
  of(indexName: string): Policy;
  /** Resolves once the policy is on disk. */
  set(indexName: string, policy: Policy): Promise<void>;
  /** Removes the policy of a deleted index, so that a later index of that name starts without it. */
  remove(indexName: string): Promise<void>;
}

/**
 * Opens the folder of policies, one file per index.
 *
 * @throws RelayError POLICY_FILE when a stored policy cannot be read, because an index must never become free by
 *   accident
 */
export async function openPolicies(directory: string): Promise<Policies> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const policies = new Map<string, Policy>();
  for (const name of await readdir(directory)) {
    if (name.endsWith('.json')) policies.set(name.slice(0, -'.json'.length), await readPolicy(join(directory, name)));
  }
  const remove = async (indexName: string): Promise<void> => {
    await rm(join(directory, `${indexName}.json`), { force: true });
    policies.delete(indexName);
  };
  return {
    remove,
    of: (indexName) => policies.get(indexName) ?? defaultPolicy(),
    async set(indexName, policy) {
      await replaceFile(join(directory, `${indexName}.json`), JSON.stringify(policy, null, 2));
      policies.set(indexName, policy);
    },
  };
}
