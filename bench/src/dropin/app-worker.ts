import '@tributary/runtime/node-gc';
import { openHttpClient } from '@tributary/client';
import { vectorToBase64url } from '@tributary/proof/primitives';
import { Pool } from 'undici';
import { serveRemote } from '../processes.ts';
import { makeData } from '../relay/data.ts';
import { load } from '../relay/load.ts';
import type { AppCalls, AppLoad, AppStart, What } from './types.ts';

// The newest client. Its name is computed, because its types would not help here.
const CLIENT_MAJOR = 9;
/** Ids that an index which is written to has. They are overwritten again and again. */
const IDS = 2_000;
const TOP_K = 10;

interface PineconeIndex {
  upsert(what: { records: { id: string; values: number[] }[] }): Promise<unknown>;
  query(what: object): Promise<{ matches: unknown[] }>;
}
interface Package {
  Pinecone: new (options: object) => { index(options: object): PineconeIndex };
}

type Ask = (turn: number) => Promise<number>;
type Asks = Record<What, (options: AppLoad, pool: Pool) => Ask>;
const inIt = <Item>(all: readonly Item[], turn: number): Item => all[turn % all.length]!;

/** A program that uses a node, with the queries and vectors in the form that each client takes. */
await serveRemote<AppStart, AppCalls>(async (start) => {
  const asks: Asks = { ...queries(start), ...upserts(start) };
  return {
    ready: null,
    calls: {
      async load(options) {
        const pool = new Pool(options.url, { connections: options.inFlight, pipelining: 1 });
        const ask = asks[options.what](options, pool);
        try {
          return await load(options, async (turn) => {
            const found = await ask(turn);
            if (found !== TOP_K) throw new Error(`${found} results`);
            return 0n;
          });
        } finally {
          await pool.close();
        }
      },
    },
    close: () => Promise.resolve(),
  };
});

async function openIndex({ url, key, index }: AppLoad): Promise<PineconeIndex> {
  const { Pinecone } = (await import(`pinecone-${CLIENT_MAJOR}`)) as Package;
  return new Pinecone({ apiKey: key, controllerHostUrl: url }).index({ name: index });
}

function queries(start: AppStart): Omit<Asks, 'upsert by the client of Pinecone' | 'upsert by the SDK'> {
  const data = makeData(start).queries;
  const plain = data.map((vector) => [...vector]);
  const texts = data.map(vectorToBase64url);
  return {
    'query by the client of Pinecone': (options) => {
      const opening = openIndex(options);
      return async (turn) => {
        const asked = { vector: inIt(plain, turn), topK: TOP_K, includeMetadata: true };
        return (await (await opening).query(asked)).matches.length;
      };
    },
    'query by HTTP':
      ({ url, key, index }) =>
      async (turn) => {
        const body = JSON.stringify({ vector: inIt(plain, turn), index, topK: TOP_K });
        const headers = { 'content-type': 'application/json', 'api-key': key };
        const reply = await fetch(`${url}/v1/query`, { method: 'POST', headers, body });
        return ((await reply.json()) as { results: unknown[] }).results.length;
      },
    'bare /query':
      ({ key, index }, pool) =>
      async (turn) => {
        const body = JSON.stringify({ vector: inIt(plain, turn), topK: TOP_K, includeMetadata: true });
        const { matches } = (await post(pool, index === '' ? '/query' : `/i/${index}/query`, key, body)) as {
          matches: unknown[];
        };
        return matches.length;
      },
    'query of Chroma':
      ({ index }, pool) =>
      async (turn) => {
        const include = ['documents', 'metadatas', 'distances'];
        const body = JSON.stringify({ query_embeddings: [inIt(plain, turn)], n_results: TOP_K, include });
        return ((await post(pool, index, '', body)) as { ids: unknown[][] }).ids[0]!.length;
      },
    'bare /v1/query':
      ({ key, index }, pool) =>
      async (turn) => {
        const body = JSON.stringify({ vector: inIt(texts, turn), index, topK: TOP_K });
        return ((await post(pool, '/v1/query', key, body)) as { results: unknown[] }).results.length;
      },
  };
}

function upserts(start: AppStart): Pick<Asks, 'upsert by the client of Pinecone' | 'upsert by the SDK'> {
  const { vectors } = makeData(start);
  const written = Array.from({ length: IDS }, (_, at) => ({ id: `w${at}`, values: [...inIt(vectors, at)] }));
  const records = written.map(({ id, values }) => ({ id, vector: values }));
  const batchAt = <Item>(all: readonly Item[], turn: number): Item[] => {
    const from = (turn * start.batch) % (all.length - start.batch + 1);
    return all.slice(from, from + start.batch);
  };
  return {
    'upsert by the client of Pinecone': (options) => {
      const opening = openIndex(options);
      return async (turn) => {
        await (await opening).upsert({ records: batchAt(written, turn) });
        return TOP_K;
      };
    },
    'upsert by the SDK': ({ url, key, index }) => {
      const own = openHttpClient({ gateway: url, apiKey: key }).index(index);
      return async (turn) => {
        await own.upsert(batchAt(records, turn));
        return TOP_K;
      };
    },
  };
}

async function post(pool: Pool, path: string, key: string, body: string): Promise<unknown> {
  const reply = await pool.request({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', 'api-key': key },
    body,
  });
  const text = await reply.body.text();
  if (reply.statusCode !== 200) throw new Error(`${reply.statusCode}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}
