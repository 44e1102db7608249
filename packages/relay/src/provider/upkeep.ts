import { isTributaryError } from '@tributary/schemas';
import type { DocumentInfo, Index, Store } from '@tributary/store';
import type { Log } from '../observe/log.ts';
import type { Offers } from '../offers/offers.ts';
import { sellRule } from '../policy/policy.ts';
import type { Policies } from '../policy/policy-files.ts';

/** Makes the stored records of an index follow its rules: whatever was ingested under other ones. */
export async function applyRules(index: Index, policies: Policies): Promise<void> {
  const { name } = index.info();
  const policy = policies.of(name);
  await index.restate((document) => sellRule(policy, document) ?? 'full');
}

/**
 * What a start makes good before anything is sold: rules that changed while the node was down, deletions that were cut
 * short. An index that cannot be brought to its rules refuses questions by itself: its data are damaged.
 */
export async function tidyData(store: Store, policies: Policies, log: Log): Promise<void> {
  for (const { name, damage } of store.indexes()) {
    if (damage !== null) log.error('index-damaged', { index: name, found: damage });
    try {
      await applyRules(store.index(name), policies);
    } catch (error) {
      if (!isTributaryError(error)) throw error;
      log.error('rules-not-applied', { index: name, error });
    }
  }
}

/**
 * Removes an index for good: first its data, then what was said of it. Cut short, the next start forgets the offers; a
 * policy that is left makes an index of that name dearer than its owner thinks, never free.
 */
export async function removeIndex(name: string, store: Store, policies: Policies, offers: Offers): Promise<void> {
  const id = store.indexes().find((index) => index.name === name)?.id;
  await store.removeIndex(name);
  await policies.remove(name);
  if (id !== undefined) await offers.forget(id);
}

/** Every document of an index, by namespace and path. */
export async function allDocuments(index: Index): Promise<DocumentInfo[]> {
  const all: DocumentInfo[] = [];
  for (let page = await index.documents(); page.length > 0; page = await index.documents(all.at(-1))) all.push(...page);
  return all;
}
