import { vectorToBase64url } from '@tributary/proof/primitives';
import {
  checkShape,
  countReply,
  fetchReply,
  gatewayAnswer,
  limitsReply,
  listReply,
  writeReply,
  type CountReply,
  type DeleteBody,
  type FetchReply,
  type GatewayAnswer,
  type LimitsReply,
  type ListReply,
  type RecordBody,
  type UpdateBody,
  type WriteReply,
} from '@tributary/schemas';
import type { z } from 'zod';
import { exchange, type CallOptions, type GatewayCalls } from './gateway-calls.ts';
import { ownWriteTimeoutMs, vectorIdsPerFetch } from './limits.ts';
import { inBatches } from './batches.ts';
import { documentsClient, type DocumentsClient } from './documents.ts';
import { queryOf } from './query-of.ts';
import type { Question } from '../query/types.ts';

/** A question to one index of the node, which costs nothing. */
export type OwnQuestion = Omit<Question, 'index' | 'maxCharge' | 'minSequence'>;

export interface UpsertOptions {
  namespace?: string;
  signal?: AbortSignal;
  /** Called after each acknowledged batch with the number of records on the node's disk. */
  onProgress?: (written: number) => void;
}

/** The records and documents of one index of the node. When a promise resolves, the change is on the node's disk. */
export interface OwnIndexClient {
  /** Files that the node splits into records and embeds. */
  readonly documents: DocumentsClient;
  /**
   * Writes records in batches within the node's limits. When one fails, the batches before it stay written. All may be
   * repeated. Resolves with the number of records written and the sequence of the last write.
   */
  upsert(records: Iterable<RecordBody> | AsyncIterable<RecordBody>, options?: UpsertOptions): Promise<WriteReply>;
  /** Changes parts of one record. The count is 0 when there is no record with that id. */
  update(change: UpdateBody, signal?: AbortSignal): Promise<WriteReply>;
  delete(what: DeleteBody, signal?: AbortSignal): Promise<WriteReply>;
  /** Records in the given order. Ids that do not exist are skipped. */
  fetch(
    ids: readonly string[],
    options?: { namespace?: string; vectors?: boolean; signal?: AbortSignal },
  ): Promise<FetchReply['records']>;
  /** One page of ids. */
  list(options?: {
    namespace?: string;
    prefix?: string;
    limit?: number;
    after?: string;
    signal?: AbortSignal;
  }): Promise<ListReply>;
  count(namespace?: string, signal?: AbortSignal): Promise<CountReply>;
  /** Asks the index. The node reads its own store, so nothing is paid and nothing is proven. */
  query(question: OwnQuestion, options?: { signal?: AbortSignal }): Promise<GatewayAnswer>;
}

export function ownIndexClient(calls: GatewayCalls, name: string): OwnIndexClient {
  const path = `/v1/indexes/${encodeURIComponent(name)}/records`;
  const ask = async <T extends z.ZodType>(shape: T, at: string, body: object | null, options: CallOptions) =>
    checkShape(shape, await exchange(calls, at, body, options), "the node's answer");
  const write = (at: string, body: object, options: CallOptions) =>
    ask(writeReply, at, body, { ...options, timeoutMs: ownWriteTimeoutMs });
  let limits: LimitsReply | null = null;
  return {
    documents: documentsClient(calls, name),
    async upsert(records, { namespace, signal, onProgress } = {}) {
      limits ??= await ask(limitsReply, '/v1/limits', null, { signal });
      const done: WriteReply = { count: 0, sequence: 0 };
      for await (const batch of inBatches(records, limits)) {
        const { count, sequence } = await write(path, { ...given({ namespace }), records: batch }, { signal });
        done.count += count;
        done.sequence = sequence;
        onProgress?.(done.count);
      }
      return done;
    },
    update: (change, signal) => write(path, change, { signal, method: 'PATCH' }),
    delete: (what, signal) => write(`${path}/delete`, what, { signal }),
    async fetch(ids, { namespace, vectors = false, signal } = {}) {
      limits ??= await ask(limitsReply, '/v1/limits', null, { signal });
      const size = vectors ? Math.min(limits.idsPerFetch, vectorIdsPerFetch) : limits.idsPerFetch;
      const all: FetchReply['records'] = [];
      for (let at = 0; at < ids.length; at += size) {
        const body = { ...given({ namespace }), vectors, ids: ids.slice(at, at + size) };
        all.push(...(await ask(fetchReply, `${path}/fetch`, body, { signal })).records);
      }
      return all;
    },
    list: ({ signal, ...asked } = {}) => ask(listReply, `${path}${queryOf(asked)}`, null, { signal }),
    count: (namespace, signal) => ask(countReply, `${path}/count${queryOf({ namespace })}`, null, { signal }),
    async query({ text: query, vector, ...asked }, { signal } = {}) {
      // An index of somebody else with that name is not asked: it could cost something.
      const body = { ...asked, index: name, query, vector: vector && vectorToBase64url(vector), maxCharge: '0' };
      return (await ask(gatewayAnswer, '/v1/query', body, { signal })) as GatewayAnswer;
    },
  };
}

const given = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
