// A gateway that speaks Pinecone's API over a real store, with a model that the test makes up.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@tributary/client';
import { modelDigest } from '@tributary/proof/statements';
import { openStore, type Embedder, type Store } from '@tributary/store';
import type { GatewayRoute } from '../../src/gateway/types.ts';
import { createOwnIndexes } from '../../src/own/own-indexes.ts';
import { openPinecone, type PineconeOptions } from '../../src/pinecone/dialect.ts';
import type { OwnReranker } from '../../src/pinecone/inference/rerank.ts';
import { openWriterKeys, type WriterKeys } from '../../src/writers/writer-keys.ts';
import { openGateway } from '../_gateway.ts';
import type { TestKeys } from './api-keys.ts';

const card = { id: 'test/model' };
/** Vectors by how often a text has the letters a, b and c. */
const vectorOf = (text: string) => Float32Array.of(...['a', 'b', 'c'].map((letter) => 0.1 + (text.split(letter).length - 1)));
const embedder: Embedder = {
  card,
  digest: modelDigest(card),
  dimension: 3,
  maxTokens: 40,
  device: { device: 'cpu', weights: 'fp32', why: 'test' },
  embed: async (texts) => texts.map(vectorOf),
  embedCounted: async (texts) => ({ vectors: texts.map(vectorOf), tokens: texts.length }),
  countTokens: (text) => text.split(' ').length,
  close: async () => undefined,
};

/** Scores by the share of the question's letters that a text has. */
const reranker: OwnReranker = {
  id: 'test/reranker',
  maxTokens: 40,
  rerank: async (question, texts) =>
    texts.map((text) => [...question].filter((letter) => text.includes(letter)).length / question.length),
};

export interface PineconeReply {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  /** Undefined where the reply is no JSON. */
  body: Record<string, unknown> | undefined;
}

export interface PineconeGateway {
  gateway: { routes: readonly GatewayRoute[]; close(): Promise<void> };
  store: Store;
  writers: WriterKeys;
  lines: string[];
  call(line: string, json?: unknown, headers?: Record<string, string>): Promise<PineconeReply>;
}

/** Opens store and gateway; a test closes them, or whoever opened them before all tests. */
export async function openPineconeGateway(
  keys?: TestKeys,
  client: Partial<Client> = {},
  given: Pick<PineconeOptions, 'reranker'> = {},
): Promise<PineconeGateway> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-pinecone-'));
  const store = await openStore({ directory, owner: { seed: new Uint8Array(32).fill(7) }, embedder });
  const writers = await openWriterKeys(join(directory, 'writers'), randomBytes, { noteKeys: async () => undefined });
  const own = createOwnIndexes(
    {
      store,
      embedder,
      writers,
      createIndex: (index) => store.createIndex(index),
      deleteIndex: (name) => store.removeIndex(name),
      ingestOptions: () => ({}),
    },
    join(directory, 'uploads'),
  );
  const models = { embedder, reranker, ...given };
  const pinecone = await openPinecone({ directory: join(directory, 'pinecone'), own, ...models, now: Date.now, randomBytes });
  const { gateway, lines } = await openGateway(client, {
    own,
    dialects: (inFlight, deps) => [pinecone.dialect(inFlight, deps)],
    ...(keys ? { apiKeys: keys.ring } : {}),
  });
  return {
    gateway: {
      routes: gateway.routes,
      async close() {
        await gateway.close();
        await pinecone.close();
        await store.close();
        await rm(directory, { recursive: true, force: true });
      },
    },
    store,
    writers,
    lines,
    async call(line, json, headers = {}) {
      const [method, url] = line.split(' ') as ['GET' | 'POST' | 'PATCH' | 'DELETE', string];
      const raw = typeof json === 'string';
      const type = json === undefined ? {} : { 'content-type': raw ? 'application/x-ndjson' : 'application/json' };
      const response = await gateway.app.inject({
        method,
        url,
        headers: { host: '127.0.0.1:8080', ...type, ...headers },
        ...(json === undefined ? {} : { payload: raw ? json : JSON.stringify(json) }),
      });
      const { statusCode: status, body: text } = response;
      const isJson = String(response.headers['content-type']).startsWith('application/json') && text !== '';
      return {
        status,
        headers: response.headers,
        text,
        body: isJson ? (JSON.parse(text) as Record<string, unknown>) : undefined,
      };
    },
  };
}
