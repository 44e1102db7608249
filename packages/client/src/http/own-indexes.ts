import { checkShape, deletedIndex, ownIndex, type CreateIndexBody, type OwnIndex } from '@tributary/schemas';
import { z } from 'zod';
import { exchange, type GatewayCalls } from './gateway-calls.ts';
import { ownIndexClient, type OwnIndexClient } from './own-index.ts';
import { ownWriteTimeoutMs } from './limits.ts';

/** The node's own indexes: created, written and read over HTTP (docs/spec/node.md). */
export interface OwnIndexesClient {
  /** The node's own indexes; empty for a gateway without a store. */
  ownIndexes(signal?: AbortSignal): Promise<OwnIndex[]>;
  /**
   * Creates a private index.
   *
   * @throws RefusalError INDEX_NAME, INDEX_EXISTS, MODEL_NOT_FOUND
   */
  createIndex(index: CreateIndexBody, signal?: AbortSignal): Promise<OwnIndex>;
  /**
   * Deletes an own index for good; returns its id.
   *
   * @throws RefusalError INDEX_NOT_FOUND, STORE_BUSY
   */
  deleteIndex(name: string, signal?: AbortSignal): Promise<string>;
  /** The records of one own index. Nothing is sent until one of its methods is called. */
  index(name: string): OwnIndexClient;
}

const listed = z.object({ own: z.array(ownIndex).default([]) });

export function ownIndexesClient(calls: GatewayCalls): OwnIndexesClient {
  return {
    async ownIndexes(signal) {
      return checkShape(listed, await exchange(calls, '/v1/indexes', null, { signal }), "the node's indexes").own;
    },
    async createIndex(index, signal) {
      const reply = await exchange(calls, '/v1/indexes', index, { signal, timeoutMs: ownWriteTimeoutMs });
      return checkShape(ownIndex, reply, 'the index that was made');
    },
    async deleteIndex(name, signal) {
      const path = `/v1/indexes/${encodeURIComponent(name)}`;
      const reply = await exchange(calls, path, null, { signal, method: 'DELETE', timeoutMs: ownWriteTimeoutMs });
      return checkShape(deletedIndex, reply, 'the answer to a deletion').deleted;
    },
    index: (name) => ownIndexClient(calls, name),
  };
}
