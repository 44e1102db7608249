import '@tributary/runtime/node-gc';
import { vectorToBase64url } from '@tributary/proof/primitives';
import { Pool } from 'undici';
import { serveRemote } from '../processes.ts';
import { makeData } from './data.ts';
import { load } from './load.ts';
import type { DataSizes, LoadCalls } from './types.ts';

interface Reply {
  results: unknown[];
  usage?: { charge: string };
}

/** Asks over HTTP with keep-alive, with one connection per question in flight. */
await serveRemote<DataSizes, LoadCalls>(async (start) => {
  const vectors = makeData(start).queries.map(vectorToBase64url);
  const headers = { 'content-type': 'application/json' };
  return {
    ready: null,
    calls: {
      async load({ url, index, ...options }) {
        const pool = new Pool(url, { connections: options.inFlight, pipelining: 1 });
        try {
          return await load(options, async (turn) => {
            const body = JSON.stringify({ vector: vectors[turn % vectors.length], index, topK: 10 });
            const reply = await pool.request({ method: 'POST', path: '/v1/query', headers, body });
            const text = await reply.body.text();
            if (reply.statusCode !== 200) throw new Error(`${reply.statusCode}: ${text.slice(0, 300)}`);
            const { results, usage } = JSON.parse(text) as Reply;
            if (results.length !== 10) throw new Error(`${results.length} results`);
            return BigInt(usage?.charge ?? 0);
          });
        } finally {
          await pool.close();
        }
      },
    },
    close: () => Promise.resolve(),
  };
});
