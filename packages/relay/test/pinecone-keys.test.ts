// Keys on every route of Pinecone's dialect, and the shapes in which they are refused.
import { describe, expect, it, onTestFinished } from 'vitest';
import { TributaryError } from '@tributary/schemas';
import { openKeys, type TestKeys } from './support/api-keys.ts';
import { openPineconeGateway, type PineconeReply } from './support/pinecone.ts';
import { INDEX } from './_gateway.ts';

const I = '/i/own';
const R = `${I}/records/namespaces/n`;
const D = `${I}/namespaces/n/documents`;
const DEEP = ['/backup-schedules', '/assistant', '/admin', '/collections'];
const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

interface Call {
  url: string;
  json?: unknown;
  /** Status for a key that may. */
  status: number;
  /** Whether the address or the body names the index 'own'. */
  named?: boolean;
}

const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };
const vector = [1, 2, 3];
const CALLS: Record<string, Call> = {
  'POST /indexes': { url: '/indexes', json: { name: 'own', dimension: 3, spec }, status: 409, named: true },
  'POST /indexes/create-for-model': {
    url: '/indexes/create-for-model',
    json: { name: 'own', cloud: 'aws', region: 'x', embed: { model: 'test/model', field_map: { text: 't' } } },
    status: 409,
    named: true,
  },
  'GET /indexes': { url: '/indexes', status: 200 },
  'GET /indexes/:name': { url: '/indexes/own', status: 200, named: true },
  'PATCH /indexes/:name': { url: '/indexes/own', json: { tags: { a: 'b' } }, status: 202, named: true },
  'DELETE /indexes/:name': { url: '/indexes/own', status: 202, named: true },
  'GET /collections': { url: '/collections', status: 200 },
  'POST /indexes/:name/backups': { url: '/indexes/own/backups', json: {}, status: 201, named: true },
  'GET /indexes/:name/backups': { url: '/indexes/own/backups', status: 200, named: true },
  'GET /backups': { url: '/backups', status: 200 },
  'GET /backups/:id': { url: '/backups/none', status: 404 },
  'DELETE /backups/:id': { url: '/backups/none', status: 404 },
  'POST /backups/:id/create-index': { url: '/backups/none/create-index', json: { name: 'made' }, status: 404 },
  'GET /restore-jobs': { url: '/restore-jobs', status: 200 },
  'GET /restore-jobs/:id': { url: '/restore-jobs/none', status: 404 },
  'POST /i/:index/vectors/upsert': {
    url: `${I}/vectors/upsert`,
    json: { vectors: [{ id: 'a', values: vector }] },
    status: 200,
    named: true,
  },
  'POST /i/:index/bulk/imports': { url: `${I}/bulk/imports`, json: { uri: 'file:///a' }, status: 400, named: true },
  'GET /i/:index/bulk/imports': { url: `${I}/bulk/imports`, status: 200, named: true },
  'GET /i/:index/bulk/imports/:id': { url: `${I}/bulk/imports/1`, status: 404, named: true },
  'DELETE /i/:index/bulk/imports/:id': { url: `${I}/bulk/imports/1`, status: 404, named: true },
  'POST /i/:index/query': { url: `${I}/query`, json: { topK: 1, vector }, status: 200, named: true },
  'GET /i/:index/vectors/fetch': { url: `${I}/vectors/fetch?ids=a`, status: 200, named: true },
  'POST /i/:index/vectors/fetch_by_metadata': {
    url: `${I}/vectors/fetch_by_metadata`,
    json: { filter: { a: 1 } },
    status: 200,
    named: true,
  },
  'GET /i/:index/vectors/list': { url: `${I}/vectors/list`, status: 200, named: true },
  'POST /i/:index/vectors/update': { url: `${I}/vectors/update`, json: { id: 'a', setMetadata: {} }, status: 200, named: true },
  'POST /i/:index/vectors/delete': { url: `${I}/vectors/delete`, json: { ids: ['a'] }, status: 200, named: true },
  'POST /i/:index/describe_index_stats': { url: `${I}/describe_index_stats`, json: {}, status: 200, named: true },
  'GET /i/:index/namespaces': { url: `${I}/namespaces`, status: 200, named: true },
  'POST /i/:index/namespaces': { url: `${I}/namespaces`, json: { name: 'n' }, status: 200, named: true },
  'GET /i/:index/namespaces/:namespace': { url: `${I}/namespaces/none`, status: 404, named: true },
  'DELETE /i/:index/namespaces/:namespace': { url: `${I}/namespaces/none`, status: 404, named: true },
  'POST /i/:index/records/namespaces/:namespace/upsert': {
    url: `${R}/upsert`,
    json: '{"id":"a","text":"b"}',
    status: 201,
    named: true,
  },
  'POST /i/:index/records/namespaces/:namespace/search': {
    url: `${R}/search`,
    json: { query: { top_k: 1, inputs: { text: 'a' } } },
    status: 200,
    named: true,
  },
  ...Object.fromEntries(
    Object.entries({
      upsert: [{ documents: [{ _id: 'a', text: 'b' }] }, 202],
      search: [{ score_by: [{ type: 'text', fields: ['text'], query: 'b' }], top_k: 1 }, 200],
      fetch: [{ ids: ['a'] }, 200],
      list: [{}, 200],
      update: [{ documents: [{ _id: 'a', b: 1 }] }, 202],
      delete: [{ ids: ['a'] }, 202],
    }).map(([what, [json, status]]) => [
      `POST /i/:index/namespaces/:namespace/documents/${what}`,
      { url: `${D}/${what}`, json, status: status as number, named: true },
    ]),
  ),
  'POST /embed': { url: '/embed', json: { model: 'test/model', inputs: [{ text: 'a' }] }, status: 200 },
  'POST /rerank': { url: '/rerank', json: { model: 'test/reranker', query: 'a', documents: [{ text: 'b' }] }, status: 200 },
  'GET /models': { url: '/models', status: 200 },
  'GET /models/*': { url: '/models/test%2Fmodel', status: 200 },
  ...Object.fromEntries(
    METHODS.flatMap((method) => {
      const plain = DEEP.filter((path) => path !== '/collections' || method !== 'GET').map((path) => [path, path]);
      const deep = DEEP.map((path) => [`${path}/*`, `${path}/x`]);
      const own = [
        ['/indexes/:name/*', '/indexes/own/backup-schedules', false],
        ['/i/:index/bulk/*', `${I}/bulk/other`, true],
        ['/i/:index/namespaces/:namespace/documents/*', `${D}/other`, true],
        ['/i/:index/*', `${I}/anything`, true],
      ];
      return [...plain, ...deep, ...own].map(([path, url, named = false]) => [`${method} ${path}`, { url, status: 400, named }]);
    }),
  ),
};

async function open(keys: TestKeys) {
  const opened = await openPineconeGateway(keys);
  onTestFinished(() => opened.gateway.close());
  await opened.store.createIndex({
    name: 'own',
    dimension: 3,
    metric: 'cosine',
    model: { id: 'test/model' },
  });
  const call = (name: string, headers: Record<string, string>) => {
    const { url, json } = CALLS[name]!;
    return opened.call(`${name.split(' ')[0]} ${url}`, json, headers);
  };
  return { ...opened, try: call };
}

/** The code of a refusal in the shape of the plane that the address belongs to. */
function codeOf(name: string, { status, body, text }: PineconeReply): unknown {
  const vectors = /^\w+ \/i\/:index\/(?!records|namespaces\/:namespace\/documents)/.test(name);
  if (status === 401 && vectors) return text;
  if (vectors) {
    expect(body).toEqual({ code: expect.any(Number), message: expect.any(String), details: [] });
    return body!['code'];
  }
  expect(body).toEqual({ error: { code: expect.any(String), message: expect.any(String) }, status });
  return (body!['error'] as { code: string }).code;
}

it('every route is called below, and no path is left to the native error', async () => {
  const { gateway } = await open(await openKeys());
  const routes = gateway.routes.map(({ method, url }) => `${method} ${url}`);
  expect(routes.slice(routes.indexOf('GET /openapi.json') + 1).toSorted()).toEqual(Object.keys(CALLS).toSorted());
});

describe('keys', () => {
  it('are needed on every route: 401 without one, for a wrong one and a revoked one', async () => {
    const keys = await openKeys();
    const opened = await open(keys);
    const good = await keys.make({ permissions: ['read', 'write', 'admin'] });
    const revoked = await keys.make({ permissions: ['read', 'write', 'admin'] });
    await keys.ring.revoke(revoked.id);
    for (const [name, { status }] of Object.entries(CALLS).toSorted(
      ([a], [b]) => Number(/DELETE/.test(a)) - Number(/DELETE/.test(b)),
    )) {
      for (const key of ['', 'pcsk_1', revoked.key]) {
        const reply = await opened.try(name, key === '' ? {} : { 'api-key': key });
        expect([name, reply.status, codeOf(name, reply)]).toEqual([
          name,
          401,
          expect.stringMatching(/^UNAUTHENTICATED$|^Unauthorized$/),
        ]);
        const newest = await opened.try(name, { 'x-pinecone-api-version': '2026-07', ...(key === '' ? {} : { 'api-key': key }) });
        if (!/documents|records/.test(name)) expect([name, newest.status, newest.text]).toEqual([name, 401, 'Unauthorized']);
      }
      expect([name, (await opened.try(name, { 'api-key': good.key })).status]).toEqual([name, status]);
    }
    expect(opened.lines.join('\n')).not.toMatch(/trib_/);
  });

  it('without the permission, or for another index, are 403', async () => {
    const keys = await openKeys();
    const opened = await open(keys);
    const other = await keys.make({ permissions: ['read', 'write', 'admin'], indexes: ['other', 'own-*'] });
    const without = {
      read: await keys.make({ permissions: ['write', 'admin'] }),
      write: await keys.make({ permissions: ['read', 'admin'] }),
      admin: await keys.make({ permissions: ['read', 'write'] }),
    };
    for (const [name, { named = false }] of Object.entries(CALLS)) {
      const { access } = opened.gateway.routes.find(({ method, url }) => `${method} ${url}` === name)!;
      const { permission } = access as { permission: keyof typeof without };
      for (const key of [without[permission], ...(named ? [other] : [])]) {
        const reply = await opened.try(name, { 'api-key': key.key });
        expect([name, reply.status, codeOf(name, reply)]).toEqual([
          name,
          403,
          expect.toSatisfy((code) => [7, 'FORBIDDEN'].includes(code)),
        ]);
      }
    }
  });

  it('above their rate are 429, and the reply says for how long', async () => {
    const keys = await openKeys();
    const opened = await open(keys);
    const { key } = await keys.make({ rate: { perMinute: 6, burst: 1 } });
    await opened.try('GET /indexes', { 'api-key': key });
    for (const name of ['GET /indexes', 'POST /i/:index/query']) {
      const reply = await opened.try(name, { 'api-key': key });
      expect([reply.status, codeOf(name, reply), reply.headers['retry-after']]).toEqual([
        429,
        name === 'GET /indexes' ? 'RESOURCE_EXHAUSTED' : 8,
        '10',
      ]);
    }
  });

  it('whose budget is spent are 402 for a question to others', async () => {
    const keys = await openKeys();
    const query = () => Promise.reject(new TributaryError('API_KEY_BUDGET', 'the key may spend 0 more'));
    const opened = await openPineconeGateway(keys, { query });
    onTestFinished(() => opened.gateway.close());
    const { key } = await keys.make({ budget: { total: '0', perDay: null } });
    const asked = await opened.call(`POST /i/${INDEX}/query`, { topK: 1, vector }, { 'api-key': key });
    expect([asked.status, asked.body]).toEqual([402, { code: 8, message: 'the key may spend 0 more', details: [] }]);
    const search = { query: { top_k: 1, inputs: { text: 'a' } } };
    const text = await opened.call(`POST /i/${INDEX}/records/namespaces/n/search`, search, { 'api-key': key });
    expect([text.status, text.body]).toEqual([
      402,
      { error: { code: 'PAYMENT_REQUIRED', message: 'the key may spend 0 more' }, status: 402 },
    ]);
  });
});
