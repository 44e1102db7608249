import { isTributaryError } from '@tributary/schemas';
import type { DocumentInfo, Index, Store } from '@tributary/store';
import type { Log } from '../observe/log.ts';
import type { Offers } from '../offers/offers.ts';
import { sellRule } from '../policy/policy.ts';
import type { Policies } from '../policy/policy-files.ts';

/** Applies the present rules to the stored records of an index that were ingested under others. */
export async function applyRules(index: Index, policies: Policies): Promise<void> {
  const { name } = index.info();
  const policy = policies.of(name);
  await index.restate((document) => sellRule(policy, document) ?? 'full');
}

/**
 * Repairs what the last run left open, before anything is sold: rules that changed while the node was down, and
 * deletions that were interrupted. An index to which its rules cannot be applied is damaged and refuses questions.
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
 * Removes an index for good: first its data, then policy and offers. If it is interrupted, the next start removes the
 * offers. A policy that is left behind makes a later index of that name more expensive than its owner expects, never
 * free.
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
