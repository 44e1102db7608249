import '@tributary/runtime/node-gc';
import fastify from 'fastify';
import hnswlib from 'hnswlib-node';
import { serveRemote } from '../processes.ts';
import { makeData } from './data.ts';
import type { DataSizes, PlainReady } from './types.ts';

/** A vector service without our code: the same vectors, texts, graph and search width, but no proof and no payment. */
await serveRemote<DataSizes, Record<string, never>>(async (start) => {
  const { vectors, textOf } = makeData(start);
  const graph = new hnswlib.HierarchicalNSW('ip', start.dimension);
  graph.initIndex({ maxElements: vectors.length, m: 16, efConstruction: 200 });
  vectors.forEach((vector, id) => graph.addPoint([...vector], id));
  graph.setEf(64);
  const texts = vectors.map((_, id) => textOf(id));

  const app = fastify();
  // In the form of Pinecone's /query.
  app.post<{ Body: { vector: number[]; topK: number } }>('/query', ({ body }) => {
    const { neighbors, distances } = graph.searchKnn(body.vector, body.topK);
    return {
      matches: neighbors.map((id, at) => ({ id: `r${id}`, score: 1 - distances[at]!, metadata: { text: texts[id] } })),
    };
  });
  app.post<{ Body: { vector: string; topK: number } }>('/v1/query', ({ body }) => {
    const bytes = Buffer.from(body.vector, 'base64url');
    const vector = Array.from({ length: start.dimension }, (_, at) => bytes.readFloatLE(4 * at));
    const { neighbors, distances } = graph.searchKnn(vector, body.topK);
    return {
      results: neighbors.map((id, at) => ({
        rank: at + 1,
        id: `r${id}`,
        score: 1 - distances[at]!,
        text: texts[id],
        metadata: {},
      })),
    };
  });
  const ready: PlainReady = { url: await app.listen({ host: '127.0.0.1', port: 0 }) };
  return { ready, calls: {}, close: () => app.close() };
});
