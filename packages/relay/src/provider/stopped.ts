import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openStore, type DocumentInfo } from '@tributary/store';
import { openProviderFolder } from '../keys.ts';
import { openPolicies } from '../policy/policy-files.ts';
import { allDocuments } from './upkeep.ts';

/** The documents and indexes of a stopped provider. */
export interface StoppedProvider {
  documents(index: string): Promise<DocumentInfo[]>;
  deleteDocument(index: string, namespace: string, document: string): Promise<{ records: number; file: string }>;
  deleteIndex(index: string): Promise<void>;
  /** True also for an index that cannot be opened. */
  exists(index: string): boolean;
  close(): Promise<void>;
}

/**
 * Opens the store of a stopped provider without ledger, model and network.
 *
 * @throws StoreError STORE_LOCKED when a provider runs
 */
export async function openStoppedProvider(dataDirectory: string): Promise<StoppedProvider> {
  const folder = await openProviderFolder(dataDirectory, randomBytes);
  const { keys, parts } = folder;
  const owner = { seed: keys.owner.seed };
  const opening = openStore({ directory: join(dataDirectory, 'store'), owner, parts: parts.below('store') });
  const store = await opening.catch(async (error: unknown) => {
    await folder.close();
    throw error;
  });
  return {
    documents: async (index) => allDocuments(store.index(index)),
    deleteDocument: async (index, namespace, document) => store.index(index).deleteDocument({ namespace, document }),
    async deleteIndex(index) {
      await store.removeIndex(index);
      // Its offers are removed at the next start, which finds no index for them.
      await (await openPolicies(join(dataDirectory, 'policies'), parts.below('policies'))).remove(index);
    },
    exists: (index) => [...store.indexes(), ...store.failed()].some(({ name }) => name === index),
    async close() {
      await store.close();
      await folder.close();
    },
  };
}
