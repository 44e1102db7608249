import { listIdsMax } from '../limits.ts';
import type { DocumentEntry } from '../disk/records.ts';
import type { Embedder } from '../embedding.ts';
import type { DocumentPlace } from '../reports.ts';
import type { WriteResult } from '../types.ts';
import type { IndexProxy } from '../worker/proxy.ts';
import type { IngestTarget } from './types.ts';
import type { DocumentChange, WriteOperation } from '../write/types.ts';

interface TargetParts {
  name: string;
  embedder: Embedder | null;
  proxy: Pick<IndexProxy, 'call'>;
  now(): number;
  write(operations: WriteOperation[], documents: DocumentChange[]): Promise<WriteResult>;
}

export function createTarget({ name, embedder, proxy, now, write }: TargetParts): IngestTarget {
  return {
    name,
    embedder,
    now,
    documentRow: (namespace, document) => proxy.call('document', { namespace, document }),
    async *documents(namespace) {
      for (let after: DocumentPlace | null = null; ;) {
        const page: DocumentEntry[] = await proxy.call('documents', { namespace, after, limit: listIdsMax });
        yield* page;
        if (page.length < listIdsMax) return;
        after = { namespace: page.at(-1)!.namespace, document: page.at(-1)!.document };
      }
    },
    async ids(namespace, prefix) {
      const all: string[] = [];
      for (let after: string | null = null; ;) {
        const { ids, next }: { ids: string[]; next: string | null } = await proxy.call('list', {
          namespace,
          prefix,
          limit: listIdsMax,
          after,
        });
        all.push(...ids);
        if (next === null) return all;
        after = next;
      }
    },
    write({ puts, updates, deletes, documents }) {
      const operations: WriteOperation[] = [
        ...puts.map((record) => ({ kind: 'put' as const, record })),
        ...updates,
        ...deletes.map((one) => ({ kind: 'delete' as const, ...one })),
      ];
      return write(operations, documents);
    },
  };
}
