// Programs that send Pinecone's requests, more or less, to a real node with keys: the right shape for every refusal,
// never 5xx, and no key in a log.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApiKeys, startNode } from '@tributary/relay';
import { mutateJson, mutateText } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './types.ts';

const modelDirectory = fileURLToPath(new URL('../../models/bge-small-en-v1.5', import.meta.url));
const VERSIONS = ['2024-07', '2025-01', '2025-10', '2026-04', '2026-07', '2026-01.alpha', 'none'];
/** Bounds of the node that a busy caller may reach. */
const BUSY = /already; try again/;

interface Sample {
  line: string;
  body?: object;
  lines?: boolean;
}

export async function openPineconeTarget(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-fuzz-'));
  const keys = await openApiKeys({ directory: join(folder, 'api-keys'), now: Date.now, randomBytes });
  const any = { name: 'fuzz', indexes: ['*'], budget: { total: null, perDay: null }, rate: null, writer: null, expiresAt: null };
  const { key } = await keys.create({ ...any, permissions: ['read', 'write', 'admin'] });
  await keys.close();
  const log: string[] = [];
  const write = (event: string, fields: object = {}) => {
    const line = JSON.stringify([event, fields]);
    if (line.includes(key)) log.push(line);
  };
  const node = await startNode({
    dataDirectory: folder,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    rendezvous: null,
    modelDirectory,
    port: 0,
    log: { info: write, warn: write, error: write },
  });
  const { url } = node.gateway;
  const index = (name: string, model: boolean) => {
    const { card, dimension } = node.provider.embedder;
    return node.provider.createIndex({ name, dimension: model ? dimension : 2, metric: 'cosine', model: model ? card : null });
  };
  const [vectors, texts] = [await index('vectors', false), await index('texts', true)];
  const samples = samplesOf(`/i/${vectors.info().id}`, `/i/${texts.info().id}`);
  await index('honest', false);
  await node.provider.store.index('honest').upsert([{ id: 'a', vector: Float32Array.of(1, 2) }]);
  const send = (method: string, path: string, body: string | undefined, headers: Record<string, string>) =>
    fetch(`${url}${path}`, { method, headers: { 'api-key': key, ...headers }, ...(body === undefined ? {} : { body }) });
  // Each index has a thread of its own: those that were made by chance go at once.
  const remove = async (name: string): Promise<void> => {
    await node.provider.store.index(name).setCard({ protected: false });
    await node.provider.deleteIndex(name);
  };
  return {
    async feed(random) {
      const sample = random.pick(samples);
      const [method = '', path = ''] = sample.line.split(' ');
      const where = random.chance(0.2)
        ? `/${mutateText(random, path)
            .replace(/[^!-~]/g, '')
            .replace(/^[/\\]+/, '')}`
        : path;
      const sent = sample.body === undefined ? undefined : bodyOf(random, sample);
      const type = sample.lines === true ? 'application/x-ndjson' : 'application/json';
      const key_ = random.chance(0.05) ? { 'api-key': `pcsk_${random.below(1_000)}` } : {};
      const version = { 'x-pinecone-api-version': random.pick(VERSIONS) };
      const types = sent === undefined ? {} : { 'content-type': random.chance(0.97) ? type : 'text/plain' };
      const reply = await send(method, where, sent, { ...types, ...version, ...key_ });
      // The path as it was sent: `fetch` takes a backslash for a slash and follows `..`.
      const text = await reply.text();
      const what = `${method} ${where.slice(0, 300)} ${sent?.slice(0, 2_000) ?? ''}`;
      checkReply(reply.status, text, new URL(reply.url).pathname, what);
      if (reply.status === 201 && text !== '') await remove((JSON.parse(text) as { name: string }).name);
      if (log.length > 0) throw new Error(`a log line has the key: ${log[0]!.slice(0, 300)}`);
    },
    async honest() {
      const path = `/i/${node.provider.store.index('honest').info().id}/query`;
      const reply = await send('POST', path, '{"topK":1,"vector":[1,2]}', { 'content-type': 'application/json' });
      const text = await reply.text();
      if (reply.status !== 200 || !text.includes('"id":"a","score":1')) throw new Error(`honest: ${reply.status} ${text}`);
    },
    async close() {
      await node.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function bodyOf(random: Random, { body, lines = false }: Sample): string {
  if (random.chance(0.2)) return lines ? `${JSON.stringify(body)}\n` : JSON.stringify(body);
  const one = mutateJson(random, body).slice(0, 200_000);
  return lines && random.chance(0.5) ? `${JSON.stringify(body)}\n${one}` : one;
}

/** @throws Error for 5xx, and for a refusal in another shape than that of its plane */
function checkReply(status: number, text: string, path: string, what: string): void {
  const fail = (why: string): never => {
    throw new Error(`${what} gave ${status} ${text.slice(0, 300)}: ${why}`);
  };
  if (status >= 500 && !BUSY.test(text)) fail('5xx');
  if (status < 400 || status === 431) return;
  if (status === 401 && text === 'Unauthorized') return;
  const { error, code, details } = JSON.parse(text) as {
    error?: { code: unknown; message: unknown };
    code?: unknown;
    details?: unknown;
  };
  const [, place, , first, , third] = path.split(/\/+/);
  const vectorPlane =
    place === 'i' && first !== undefined && first !== 'records' && !(first === 'namespaces' && third === 'documents');
  const rpc = typeof code === 'number' && Array.isArray(details);
  const control = typeof error?.code === 'string' && typeof error.message === 'string';
  // A path that was changed may be one of the node's own, or belong to nobody.
  if (!rpc && !control) fail('neither shape');
  if (vectorPlane && !rpc && status !== 404 && !path.includes('%')) fail('not the shape of vectors');
}

/** One request of each kind that clients send. */
function samplesOf(vectors: string, texts: string): readonly Sample[] {
  const filter = { $and: [{ genre: { $in: ['a', 'b'] } }, { year: { $gte: 1990 } }] };
  const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };
  const vector = { id: 'a', values: [0.5, 0.4], metadata: { genre: 'a', year: 2001, tags: ['x'] } };
  const schema = { fields: { _values: { type: 'dense_vector', dimension: 2, metric: 'cosine' } } };
  const embed = { model: 'none', field_map: { text: 'chunk' } };
  return [
    { line: 'POST /indexes', body: { name: 'vectors', dimension: 2, metric: 'cosine', spec, tags: { a: 'b' } } },
    { line: 'POST /indexes', body: { name: 'Not One', schema, deletion_protection: 'disabled' } },
    { line: 'POST /indexes/create-for-model', body: { name: 'm', cloud: 'aws', region: 'r', embed } },
    { line: 'GET /indexes' },
    { line: 'GET /indexes/vectors' },
    { line: 'PATCH /indexes/vectors', body: { tags: { a: '' }, deletion_protection: 'enabled' } },
    { line: 'DELETE /indexes/none' },
    { line: 'GET /collections' },
    { line: 'GET /backups' },
    { line: `POST ${vectors}/vectors/upsert`, body: { vectors: [vector, { ...vector, id: 'b' }], namespace: 'n' } },
    { line: `POST ${vectors}/query`, body: { topK: 3, vector: [1, 2], filter, includeMetadata: true, includeValues: true } },
    { line: `POST ${vectors}/query`, body: { topK: 3, id: 'a', namespace: 'n' } },
    { line: `GET ${vectors}/vectors/fetch?ids=a&ids=b&namespace=n` },
    { line: `GET ${vectors}/vectors/list?prefix=a&limit=10&paginationToken=YQ` },
    { line: `POST ${vectors}/vectors/fetch_by_metadata`, body: { filter, limit: 10, paginationToken: 'MQ' } },
    { line: `POST ${vectors}/vectors/update`, body: { id: 'a', values: [1, 2], setMetadata: { year: 1 }, namespace: 'n' } },
    { line: `POST ${vectors}/vectors/update`, body: { filter, setMetadata: { year: 2 }, dryRun: true } },
    { line: `POST ${vectors}/vectors/delete`, body: { ids: ['a'], namespace: 'n' } },
    { line: `POST ${vectors}/vectors/delete`, body: { filter } },
    { line: `POST ${vectors}/describe_index_stats`, body: {} },
    { line: `GET ${vectors}/namespaces?limit=3` },
    { line: `GET ${vectors}/namespaces/n` },
    { line: `POST ${vectors}/namespaces`, body: { name: 'made' } },
    { line: `DELETE ${vectors}/namespaces/made` },
    { line: `POST ${vectors}/bulk/imports`, body: { uri: 's3://a' } },
    { line: `POST ${texts}/records/namespaces/n/upsert`, body: { id: 'a', text: 'A short note.', year: 1 }, lines: true },
    {
      line: `POST ${texts}/records/namespaces/n/search`,
      body: { query: { top_k: 2, inputs: { text: 'note' }, filter: { year: 1 } }, fields: ['text'] },
    },
    { line: `POST ${texts}/namespaces/n/documents/search`, body: { top_k: 1 } },
    { line: 'POST /embed', body: { model: 'bge-small-en-v1.5', parameters: { input_type: 'query' }, inputs: [{ text: 'a' }] } },
    { line: 'POST /rerank', body: { model: 'm', query: 'q', documents: [{ text: 'a' }] } },
    { line: 'GET /models?type=embed' },
  ];
}
