import type { RecordInput } from '@tributary/schemas';
import type { DocumentRow } from './disk/values.ts';
import { listIdsMax } from './limits.ts';
import type { Embedder, IndexSettings, WriteResult } from './types.ts';
import type { IndexProxy } from './worker/proxy.ts';
import type { DocumentChange, WriteOperation, WriteRequest } from './write/types.ts';

/** What an ingest needs of the index it writes to. */
export interface IngestTarget {
  readonly name: string;
  readonly embedder: Embedder | null;
  documentRow(namespace: string, document: string): Promise<DocumentRow | null>;
  /** Every document that an ingest wrote into the namespace. */
  documents(namespace: string): AsyncGenerator<{ document: string; row: DocumentRow }>;
  /** Ids of the namespace that start with `prefix`. */
  ids(namespace: string, prefix: string): Promise<string[]>;
  write(change: {
    puts: RecordInput[];
    deletes: { namespace: string; id: string }[];
    documents: DocumentChange[];
  }): Promise<WriteResult>;
}

interface TargetParts {
  proxy: IndexProxy;
  embedder: Embedder | null;
  stamp(): Pick<WriteRequest, 'time' | 'custody' | 'author'>;
  randomBytes(bytes: number): Uint8Array;
  settings(): IndexSettings;
}

const SALT_BYTES = 32;

export function createTarget({ proxy, embedder, stamp, randomBytes, settings }: TargetParts): IngestTarget {
  return {
    name: settings().name,
    embedder,
    documentRow: (namespace, document) => proxy.call('document', { namespace, document }),
    async *documents(namespace) {
      for (let after: string | null = null; ;) {
        const page: { document: string; row: DocumentRow }[] = await proxy.call('documents', { namespace, after });
        yield* page;
        if (page.length < listIdsMax) return;
        after = page.at(-1)!.document;
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
    write({ puts, deletes, documents }) {
      const operations: WriteOperation[] = [
        ...puts.map((record) => ({ kind: 'put' as const, record })),
        ...deletes.map((one) => ({ kind: 'delete' as const, ...one })),
      ];
      return proxy.call('write', { ...stamp(), operations, salts: randomBytes(operations.length * SALT_BYTES), documents });
    },
  };
}
