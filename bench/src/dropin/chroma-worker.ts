import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { serveRemote } from '../processes.ts';
import { makeData } from '../relay/data.ts';
import { chromaCommand } from './chroma.ts';
import type { ChromaReady, ChromaStart } from './types.ts';

const COLLECTIONS = '/api/v2/tenants/default_tenant/databases/default_database/collections';
const BATCH = 500;
const START_MS = 60_000;

/** Chroma's own server on the same vectors and texts, with the graph and the search width of the others. */
await serveRemote<ChromaStart, Record<string, never>>(async (start) => {
  const port = await freePort();
  const server = spawn(chromaCommand(), ['run', '--path', start.folder, '--port', String(port)], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  await untilUp(url);
  const hnsw = { space: 'cosine', max_neighbors: 16, ef_construction: 200, ef_search: 64 };
  const { id } = await post(`${url}${COLLECTIONS}`, { name: 'asked', configuration: { hnsw } });
  const { vectors, textOf } = makeData(start);
  for (let from = 0; from < vectors.length; from += BATCH) {
    const part = vectors.slice(from, from + BATCH);
    await post(`${url}${COLLECTIONS}/${id}/upsert`, {
      ids: part.map((_, at) => `r${from + at}`),
      embeddings: part.map((vector) => [...vector]),
      documents: part.map((_, at) => textOf(from + at)),
    });
  }
  const ready: ChromaReady = { url, path: `${COLLECTIONS}/${id}/query` };
  return { ready, calls: {}, close: () => ended(server) };
});

async function post(url: string, body: object): Promise<{ id: string }> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`Chroma: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as { id: string };
}

async function untilUp(url: string): Promise<void> {
  const until = Date.now() + START_MS;
  for (;;) {
    const reply = await fetch(`${url}/api/v2/heartbeat`).catch(() => null);
    if (reply?.ok === true) return;
    if (Date.now() > until) throw new Error(`Chroma's server did not start within ${START_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function ended(server: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await exit;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
