import '@tributary/runtime/node-gc';
import { join } from 'node:path';
import { startNode } from '@tributary/relay';
import { askNode } from '@tributary/relay/local';
import { silentLog } from '@tributary/relay/testing';
import { writeOperationsMax } from '@tributary/schemas';
import { untilLinked } from '../indexes/linked.ts';
import { shippedModel } from '../model.ts';
import { serveRemote } from '../processes.ts';
import { makeData } from '../relay/data.ts';
import type { NodeReady, NodeStart } from './types.ts';

/** A node with a key and private indexes. */
await serveRemote<NodeStart, Record<string, never>>(async (start) => {
  const node = await startNode({
    dataDirectory: start.folder,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    rendezvous: null,
    modelDirectory: shippedModel,
    port: 0,
    log: silentLog,
  });
  const { dimension } = start;
  const make = (name: string) => node.provider.createIndex({ name, dimension, metric: 'cosine', model: null });
  const index = await make(start.index);
  for (const name of start.written) await make(name);
  const { vectors, textOf } = makeData(start);
  for (let from = 0; from < vectors.length; from += writeOperationsMax) {
    const part = vectors.slice(from, from + writeOperationsMax);
    await index.upsert(part.map((vector, at) => ({ id: `r${from + at}`, text: textOf(from + at), vector })));
  }
  await untilLinked(index);
  const terms = { name: 'bench', permissions: ['read', 'write', 'admin'], indexes: ['*'], rate: null, writer: null };
  const asked = { ...terms, budget: { total: null, perDay: null }, expiresAt: null };
  const { key } = (await askNode(join(start.folder, 'gateway'), 'keyCreate', asked)) as { key: string };
  const ready: NodeReady = { url: node.gateway.url, key, index: index.info().id };
  return { ready, calls: {}, close: () => node.close() };
});
