import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '@tributary/runtime';
import { defaultPolicy, readPolicy, type Policy } from './policy.ts';

/**
 * The policies of a provider's indexes, kept so that a restart without `--policy` or `--price` sells on the same terms.
 */
export interface Policies {
  /** The stored policy; the default one for an index that has none. */
  of(indexName: string): Policy;
  /** On disk once resolved. */
  set(indexName: string, policy: Policy): Promise<void>;
  /** Forgets the policy of an index that is gone: one made later under its name begins without. */
  remove(indexName: string): Promise<void>;
}

/**
 * Opens the folder of policies, one file per index.
 *
 * @throws RelayError POLICY_FILE when a stored policy cannot be read: an index must not fall back to being free
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
