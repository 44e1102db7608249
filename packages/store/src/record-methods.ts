import { searchText, type RecordInput } from '@tributary/schemas';
import type { Embedder } from './embedding.ts';
import { StoreError } from './errors.ts';
import { updateMatching } from './matching.ts';
import type { Index, IndexInfo, IndexSettings, StoredRecord, UpdateInput, WriteResult } from './types.ts';
import type { IndexProxy } from './worker/proxy.ts';
import type { DocumentChange, WriteOperation, WriterKey } from './write/types.ts';

/** Bytes of a record's salt. */
const SALT_BYTES = 32;

/** The dense vector of a record that has a sparse one only. */
const NO_VECTOR = new Float32Array(0);

interface RecordParts {
  settings: Pick<IndexSettings, 'name' | 'vectors'>;
  proxy: IndexProxy;
  now: () => number;
  randomBytes: (bytes: number) => Uint8Array;
}

type RecordMethods = Pick<Index, 'upsert' | 'update' | 'delete' | 'updateMatching'> & {
  write(operations: WriteOperation[], documents?: DocumentChange[]): Promise<WriteResult>;
};

/**
 * Methods that change the records of an index: they embed, stamp and salt, and the worker signs.
 *
 * @param writer signs instead of the owner; the node holds its key, and it declares no author
 */
export function recordMethods(
  { settings, proxy, now, randomBytes }: RecordParts,
  embedder: Embedder | null,
  info: () => IndexInfo,
  writer?: WriterKey,
): RecordMethods {
  const stamp = () => {
    const { custody, author } = info();
    return {
      time: now(),
      ...(writer === undefined ? { custody, author } : { custody: 'provider' as const, author: null, writer }),
    };
  };
  const write: RecordMethods['write'] = (operations, documents = []) =>
    proxy.call('write', { ...stamp(), operations, salts: randomBytes(operations.length * SALT_BYTES), documents });
  return {
    write,
    async upsert(records) {
      const vectors = settings.vectors === 'sparse' ? [] : await embedMissing(records, embedder, settings.name);
      return write(
        records.map((record, at) => ({ kind: 'put', record: { ...record, vector: vectors[at] ?? record.vector ?? NO_VECTOR } })),
      );
    },
    async update(input) {
      const changes = 'id' in input ? [input] : input;
      const find = (id: string, namespace: string) => fetchOne(proxy, id, namespace);
      return write(await Promise.all(changes.map((change) => updateOperation(change, embedder, find))));
    },
    async delete(what, namespace = '') {
      if ('ids' in what) return write(what.ids.map((id) => ({ kind: 'delete', namespace, id })));
      return proxy.call('deleteMatching', { ...stamp(), namespace, filter: 'filter' in what ? what.filter : null });
    },
    updateMatching: (change) => updateMatching(change, proxy, write, info),
  };
}

/**
 * The vector of each record: its own, or one computed from its text.
 *
 * @throws StoreError RECORD_INVALID, EMBED_FAILED
 */
async function embedMissing(
  records: readonly RecordInput[],
  embedder: Embedder | null,
  name: string,
): Promise<Float32Array<ArrayBuffer>[]> {
  const missing = records.filter((record) => record.vector === undefined);
  if (missing.length > 0 && embedder === null) {
    throw new StoreError(
      'RECORD_INVALID',
      `record '${missing[0]!.id}' has no vector, and index ${name} has no model here that could make one`,
    );
  }
  const empty = missing.find(({ text = '' }) => text.trim() === '');
  if (empty !== undefined) throw new StoreError('RECORD_INVALID', `record '${empty.id}' has neither vector nor text`);
  const texts = missing.map(({ text = '', source = null }) => searchText({ text, source }));
  const made = missing.length === 0 ? [] : await embedder!.embed(texts, 'document');
  let next = 0;
  return records.map(({ vector }) => vector ?? made[next++]!);
}

async function updateOperation(
  { id, namespace = '', text, vector, sparse, setMetadata = {}, removeMetadata = [] }: UpdateInput,
  embedder: Embedder | null,
  find: (id: string, namespace: string) => Promise<StoredRecord | null>,
): Promise<WriteOperation> {
  const parts = { text: text ?? null, sparse: sparse ?? null, setMetadata, removeMetadata };
  const change = { kind: 'update', namespace, id, ...parts } as const;
  if (vector !== undefined || text === undefined || embedder === null) return { ...change, vector: vector ?? null };
  const present = await find(id, namespace);
  if (present === null || text.trim() === '') return { ...change, vector: null };
  const [made] = await embedder.embed([searchText({ text, source: present.source })], 'document');
  return { ...change, vector: made ?? null };
}

const fetchOne = async (proxy: IndexProxy, id: string, namespace: string): Promise<StoredRecord | null> =>
  (await proxy.call('fetch', { namespace, ids: [id] }))[0] ?? null;
