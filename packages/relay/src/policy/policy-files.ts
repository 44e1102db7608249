import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readSealed, sealNext, type FolderParts } from '@tributary/runtime';
import { checkPolicy, defaultPolicy, type Policy } from './policy.ts';

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
 * Opens the folder of policies, one sealed file per index. An index must never become free by accident.
 *
 * @param parts of a folder that has been checked: no policy is missing
 * @throws TributaryError FILE_DAMAGED; RelayError POLICY_FILE
 */
export async function openPolicies(directory: string, parts: FolderParts): Promise<Policies> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const policies = new Map<string, Policy>();
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.json')) continue;
    await parts.expect(name);
    const path = join(directory, name);
    const sealed = await readSealed(path);
    if (sealed !== null) policies.set(name.slice(0, -'.json'.length), checkPolicy(sealed.value, path));
  }
  const remove = async (indexName: string): Promise<void> => {
    await parts.forget(`${indexName}.json`);
    await rm(join(directory, `${indexName}.json`), { force: true });
    policies.delete(indexName);
  };
  return {
    remove,
    of: (indexName) => policies.get(indexName) ?? defaultPolicy(),
    async set(indexName, policy) {
      const name = `${indexName}.json`;
      await sealNext(join(directory, name), policy);
      await parts.expect(name);
      await parts.note(name);
      policies.set(indexName, policy);
    },
  };
}
