import { randomBytes } from 'node:crypto';
import { MODE_PARTS, resultsMax, type Request } from '@tributary/schemas';
import { documentMethods } from './document-methods.ts';
import { StoreError } from './errors.ts';
import { matchRequest } from './matching.ts';
import { recordMethods } from './record-methods.ts';
import { createTarget } from './ingest/target.ts';
import type { DocumentParser } from './ingest/parse/parse.ts';
import { datedAheadMsMax, listIdsMax } from './limits.ts';
import { withCard, writeSettings } from './disk/settings.ts';
import type { Embedder } from './embedding.ts';
import type { Index, IndexInfo, IndexSettings, IndexStatus } from './types.ts';
import type { IndexProxy } from './worker/proxy.ts';

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

/** The public interface of an index. It embeds, stamps and salts on the main thread; the worker does the rest. */
export function createHandle(parts: HandleParts): Index {
  const { directory, proxy, now } = parts;
  let { settings } = parts;
  const embedder = parts.embedder?.digest === settings.modelDigest ? parts.embedder : null;

  // Asked for by every question. It is made anew when settings or status were replaced.
  let known: { settings: IndexSettings; status: IndexStatus; info: IndexInfo } | null = null;
  const info = (): IndexInfo => {
    const status = proxy.status();
    if (known?.settings !== settings || known.status !== status)
      known = { settings, status, info: Object.freeze({ ...settings, ...status }) };
    return known.info;
  };
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
  let redating: Promise<void> | null = null;
  /** A snapshot that was made while the clock was ahead proves nothing to anybody until that day. */
  const redate = (): Promise<void> => (redating ??= proxy.call('redate', now()).finally(() => (redating = null)));
  const { write, ...own } = recordMethods(parts, embedder, info);
  const targetOf = (writes: typeof write) => createTarget({ name: settings.name, embedder, proxy, now, write: writes });
  const documents = documentMethods(settings.name, targetOf(write), proxy, parts.parser);

  return {
    info,
    setVisibility: (visibility) => change((present) => ({ ...present, visibility })),
    setCard: (card) => change((present) => withCard(present, typeof card === 'function' ? card(present) : card)),
    ...own,
    as(writer) {
      const { write: signed, ...writing } = recordMethods(parts, embedder, info, writer);
      return { ...writing, ...documents.as(targetOf(signed)) };
    },
    writers: () => proxy.call('writers', null),
    changeWriters: (change) => proxy.call('changeWriters', { ...change, time: now() }),
    fetch: (ids, namespace = '') => proxy.call('fetch', { namespace, ids: [...ids] }),
    fetchMatching: async (options) => proxy.call('matching', matchRequest(options)),
    list: ({ namespace = '', prefix = '', limit = listIdsMax, after }) =>
      proxy.call('list', { namespace, prefix, limit, after: after ?? null }),
    stats: () => proxy.call('stats', null),
    async answer({ parsed }, options) {
      if (proxy.status().dated > now() + datedAheadMsMax) await redate();
      return proxy.call('answer', { parsed, options, queryVector: await queryVectorOf(parsed, settings.id, embedder) });
    },
    reached: (sequence) => proxy.call('reached', sequence),
    search: async ({ parsed, vector }, { topKMax } = { topKMax: resultsMax }) => {
      const options = { client: 'owner', topKMax } as const;
      const queryVector = vector ?? (await queryVectorOf(parsed, settings.id, embedder));
      const { items, ...at } = await proxy.call('search', { parsed, options, queryVector });
      return { ...at, records: items.map(({ record, ...found }) => ({ ...record, ...found })) };
    },
    rebuild: (journal) => proxy.call('rebuild', journal),
    snapshot: (manifestHash) => proxy.call('snapshot', manifestHash),
    writes: (hashes) => proxy.call('writes', [...hashes]),
    consistency: (first, second) => proxy.call('consistency', { first, second }),
    ...documents.methods,
    check: (onProgress) => proxy.call('check', null, onProgress),
    export: (path) => proxy.call('export', path),
    compact: () => proxy.call('compact', null),
    close: (isLeaving = false) => proxy.close(isLeaving),
  };
}

/**
 * The vector of a question's text, if the question needs one and brings none.
 *
 * @throws StoreError INDEX_NOT_FOUND, EMBED_FAILED
 */
async function queryVectorOf(parsed: Request, id: string, embedder: Embedder | null): Promise<Float32Array | null> {
  if (parsed.index !== id) throw new StoreError('INDEX_NOT_FOUND', `the question is for index ${parsed.index}; this is ${id}`);
  const embeds = embedder !== null && parsed.vector === null && MODE_PARTS[parsed.mode].dense && parsed.text !== null;
  return embeds ? ((await embedder.embed([parsed.text!], 'query'))[0] ?? null) : null;
}

export const systemRandomBytes = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
