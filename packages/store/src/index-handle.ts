import { randomBytes } from 'node:crypto';
import { resultsMax, searchText, type RecordInput, type Request } from '@tributary/schemas';
import { documentMethods } from './document-methods.ts';
import { StoreError } from './errors.ts';
import { matchRequest, updateMatching } from './matching.ts';
import { createTarget } from './ingest/target.ts';
import type { DocumentParser } from './ingest/parse/parse.ts';
import { listIdsMax } from './limits.ts';
import { withCard, writeSettings } from './disk/settings.ts';
import type { Embedder } from './embedding.ts';
import type { Index, IndexInfo, IndexSettings, StoredRecord, UpdateInput } from './types.ts';
import type { IndexProxy } from './worker/proxy.ts';
import type { DocumentChange, WriteOperation } from './write/types.ts';

/** What the handle of an index uses on the main thread. */
export interface HandleParts {
  directory: string;
  settings: IndexSettings;
  proxy: IndexProxy;
  embedder: Embedder | null;
  /** Of files that callers hand over. */
  parser: Pick<DocumentParser, 'parse'>;
  now: () => number;
  randomBytes: (bytes: number) => Uint8Array;
}

/** Bytes of a record's salt. */
const SALT_BYTES = 32;

/** The public interface of an index. It embeds, stamps and salts on the main thread; the worker does the rest. */
export function createHandle(parts: HandleParts): Index {
  const { directory, proxy, now } = parts;
  let { settings } = parts;
  const embedder = parts.embedder?.digest === settings.modelDigest ? parts.embedder : null;

  const info = (): IndexInfo => ({ ...settings, ...proxy.status() });
  let changing: Promise<unknown> = Promise.resolve();
  /** Changes of the settings run one at a time, because they share a file. */
  const change = (alter: (present: IndexSettings) => IndexSettings): Promise<IndexInfo> => {
    const changed = changing.then(async () => {
      const next = alter(settings);
      await writeSettings(directory, next);
      settings = next;
      return info();
    });
    changing = changed.catch(() => undefined);
    return changed;
  };
  const stamp = () => ({ time: now(), custody: settings.custody, author: settings.author });
  const write = (operations: WriteOperation[], documents: DocumentChange[] = []) =>
    proxy.call('write', { ...stamp(), operations, salts: parts.randomBytes(operations.length * SALT_BYTES), documents });
  const target = createTarget({ name: settings.name, embedder, proxy, now, write });

  return {
    info,
    setVisibility: (visibility) => change((present) => ({ ...present, visibility })),
    setCard: (card) => change((present) => withCard(present, typeof card === 'function' ? card(present) : card)),
    async upsert(records) {
      const vectors = await embedMissing(records, embedder, settings.name);
      return write(records.map((record, at) => ({ kind: 'put', record: { ...record, vector: vectors[at]! } })));
    },
    async update(input) {
      return write([await updateOperation(input, embedder, (id, namespace) => fetchOne(proxy, id, namespace))]);
    },
    async delete(what, namespace = '') {
      if ('ids' in what) return write(what.ids.map((id) => ({ kind: 'delete', namespace, id })));
      return proxy.call('deleteMatching', { ...stamp(), namespace, filter: 'filter' in what ? what.filter : null });
    },
    fetch: (ids, namespace = '') => proxy.call('fetch', { namespace, ids: [...ids] }),
    fetchMatching: async (options) => proxy.call('matching', matchRequest(options)),
    updateMatching: (change) => updateMatching(change, proxy, write, info),
    list: ({ namespace = '', prefix = '', limit = listIdsMax, after }) =>
      proxy.call('list', { namespace, prefix, limit, after: after ?? null }),
    stats: () => proxy.call('stats', null),
    answer: async ({ parsed }, options) =>
      proxy.call('answer', { parsed, options, queryVector: await queryVectorOf(parsed, settings.id, embedder) }),
    search: async ({ parsed }, { topKMax } = { topKMax: resultsMax }) => {
      const options = { client: 'owner', topKMax } as const;
      return proxy.call('search', { parsed, options, queryVector: await queryVectorOf(parsed, settings.id, embedder) });
    },
    rebuild: (journal) => proxy.call('rebuild', journal),
    snapshot: (manifestHash) => proxy.call('snapshot', manifestHash),
    writes: (hashes) => proxy.call('writes', [...hashes]),
    consistency: (first, second) => proxy.call('consistency', { first, second }),
    ...documentMethods(settings.name, target, proxy, parts.parser),
    check: (onProgress) => proxy.call('check', null, onProgress),
    compact: () => proxy.call('compact', null),
    close: () => proxy.close(),
  };
}

/**
 * The vector of a question's text, if the question needs one and brings none.
 *
 * @throws StoreError INDEX_NOT_FOUND, EMBED_FAILED
 */
async function queryVectorOf(parsed: Request, id: string, embedder: Embedder | null): Promise<Float32Array | null> {
  if (parsed.index !== id) throw new StoreError('INDEX_NOT_FOUND', `the question is for index ${parsed.index}; this is ${id}`);
  const embeds = embedder !== null && parsed.vector === null && parsed.mode !== 'bm25' && parsed.text !== null;
  return embeds ? ((await embedder.embed([parsed.text!], 'query'))[0] ?? null) : null;
}

export const systemRandomBytes = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));

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
  { id, namespace = '', text, vector, setMetadata = {} }: UpdateInput,
  embedder: Embedder | null,
  find: (id: string, namespace: string) => Promise<StoredRecord | null>,
): Promise<WriteOperation> {
  const change = { kind: 'update', namespace, id, text: text ?? null, setMetadata } as const;
  if (vector !== undefined || text === undefined || embedder === null) return { ...change, vector: vector ?? null };
  const present = await find(id, namespace);
  if (present === null || text.trim() === '') return { ...change, vector: null };
  const [made] = await embedder.embed([searchText({ text, source: present.source })], 'document');
  return { ...change, vector: made ?? null };
}

const fetchOne = async (proxy: IndexProxy, id: string, namespace: string): Promise<StoredRecord | null> =>
  (await proxy.call('fetch', { namespace, ids: [id] }))[0] ?? null;
