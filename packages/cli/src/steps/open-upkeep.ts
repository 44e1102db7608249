import { askNode } from '@tributary/relay/local';
import type { DocumentInfo } from '@tributary/store';
import { nodeRuns, requireNodeData } from '../data-folder.ts';

/** What an owner can do with the documents of a provider, running or not. */
export interface Upkeep {
  documents(index: string): Promise<DocumentInfo[]>;
  deleteDocument(index: string, namespace: string, document: string): Promise<{ records: number; file: string }>;
  deleteIndex(index: string): Promise<void>;
  /** True also for an index that cannot be opened. */
  exists(index: string): boolean;
  close(): Promise<void>;
}

/** @throws TributaryError USAGE when the folder holds no provider's data */
export async function openUpkeep(data: string): Promise<Upkeep> {
  if (await nodeRuns(data)) return runningUpkeep(data);
  await requireNodeData(data, 'provider');
  const { openStoppedProvider } = await import('@tributary/relay');
  return openStoppedProvider(data);
}

function runningUpkeep(data: string): Upkeep {
  return {
    async documents(index) {
      const all: DocumentInfo[] = [];
      for (;;) {
        const last = all.at(-1);
        const after = last === undefined ? null : { namespace: last.namespace, document: last.document };
        const page = (await askNode(data, 'documents', { index, after })) as { documents: DocumentInfo[] };
        if (page.documents.length === 0) return all;
        all.push(...page.documents);
      }
    },
    deleteDocument: async (index, namespace, document) =>
      (await askNode(data, 'deleteDocument', { index, namespace, document })) as { records: number; file: string },
    deleteIndex: async (index) => void (await askNode(data, 'deleteIndex', { index })),
    exists: () => false,
    close: async () => undefined,
  };
}
