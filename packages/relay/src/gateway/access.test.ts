import { get } from 'node:https';
import type { Client, Purse } from '@tributary/client';
import { gatewayError, TributaryError, type Bundle, type Permission } from '@tributary/schemas';
import { beforeAll, describe, expect, test } from 'vitest';
import { INDEX, openGateway, receiptOf, REQUEST_BODY, sampleBundle, sampleResult } from '../../test/_gateway.ts';
import { TEST_TLS } from '../../test/support/tls.ts';
import type { OwnAnswer, OwnIndexes } from '../own/types.ts';
import { openKeys, type TestKeys } from '../../test/support/api-keys.ts';

/** An own index of which only the name is known. A caller with access to it is told that it is not found. */
const OWN = `own@${'3c'.repeat(16)}`;
const gone = (): never => {
  throw new TributaryError('INDEX_NOT_FOUND', 'let through');
};
const own: OwnIndexes = {
  list: () => [],
  idOf: (name) => (name === 'own' || name === OWN ? OWN : undefined),
  describe: gone,
  create: async () => gone(),
  remove: async () => gone(),
  index: gone,
  uploads: '/nowhere',
  addFile: async () => gone(),
  ask: async () => gone(),
  search: async () => gone(),
};
/** Answers of routes that let the caller in: found, not found, or a body without meaning. */
const LET_THROUGH = [200, 400, 404];

const PUBLIC = ['/', '/assets/page.js', '/assets/page.css', '/healthz', '/readyz', '/openapi.json'];
/** How each route is called, the index that the call names, and whether it may cost something. */
const CALLS: Record<string, { url: string; payload?: object; named?: boolean; pays?: boolean }> = {
  'POST /v1/query': { url: '/v1/query', payload: { query: 'flood', index: INDEX }, named: true, pays: true },
  'POST /v1/relay': { url: '/v1/relay', payload: { nonce: 'A'.repeat(43), body: REQUEST_BODY }, named: true, pays: true },
  'GET /v1/indexes': { url: '/v1/indexes' },
  'GET /v1/credit': { url: '/v1/credit' },
  'GET /v1/consistency': { url: `/v1/consistency?index=${INDEX}&first=1&second=2`, named: true },
  'GET /v1/proofs/:receipt': { url: `/v1/proofs/${receiptOf(sampleBundle(1))}` },
  'GET /v1/recovered': { url: '/v1/recovered' },
  'GET /v1/recovered/:receipt': { url: `/v1/recovered/${'ab'.repeat(32)}` },
  'DELETE /v1/recovered/:receipt': { url: `/v1/recovered/${'ab'.repeat(32)}` },
  'GET /metrics': { url: '/metrics' },
  'GET /v1/limits': { url: '/v1/limits' },
  'POST /v1/indexes': { url: '/v1/indexes', payload: { name: 'own', dimension: 3 }, named: true },
  'GET /v1/indexes/:name': { url: '/v1/indexes/own', named: true },
  'DELETE /v1/indexes/:name': { url: `/v1/indexes/${OWN}`, named: true },
  'POST /v1/indexes/:name/records': { url: '/v1/indexes/own/records', payload: {}, named: true },
  'PATCH /v1/indexes/:name/records': { url: '/v1/indexes/own/records', payload: {}, named: true },
  'POST /v1/indexes/:name/records/delete': { url: '/v1/indexes/own/records/delete', payload: {}, named: true },
  'POST /v1/indexes/:name/records/fetch': { url: '/v1/indexes/own/records/fetch', payload: {}, named: true },
  'POST /v1/indexes/:name/documents': { url: '/v1/indexes/own/documents?name=a.md', payload: {}, named: true },
  'GET /v1/indexes/:name/documents': { url: '/v1/indexes/own/documents', named: true },
  'DELETE /v1/indexes/:name/documents/:document': { url: '/v1/indexes/own/documents/a%2Fb.md', named: true },
  'GET /v1/indexes/:name/records': { url: '/v1/indexes/own/records', named: true },
  'GET /v1/indexes/:name/records/count': { url: '/v1/indexes/own/records/count', named: true },
};

/** An answer for 3. */
const paidBundle: Bundle = { ...sampleBundle(1), receipt: { ...sampleBundle(1).receipt, charge: '3' } };

async function open(keys: TestKeys, client: Partial<Client> = {}) {
  const { gateway, lines } = await openGateway(client, { apiKeys: keys.ring, own });
  const call = async (name: string, headers: Record<string, string>) => {
    const { url, payload } = CALLS[name] ?? { url: name.split(' ')[1]! };
    const method = name.split(' ')[0] as 'GET' | 'POST' | 'PATCH' | 'DELETE';
    return gateway.app.inject({ method, url, headers: { host: 'gateway.example', ...headers }, ...(payload ? { payload } : {}) });
  };
  return { gateway, lines, call };
}
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const refusal = (response: { statusCode: number; json(): unknown }) => [
  response.statusCode,
  gatewayError.parse(response.json()).error.code,
];

test('every route is called below, or is public', async () => {
  const { gateway } = await open(await openKeys());
  const called = [...Object.keys(CALLS), ...PUBLIC.map((url) => `GET ${url}`)].toSorted();
  expect(gateway.routes.map(({ method, url }) => `${method} ${url}`).toSorted()).toEqual(called);
  expect(gateway.routes.filter(({ access }) => access === 'public').map(({ url }) => url)).toEqual(PUBLIC);
});

/** Gateways of the tests below; each test makes keys of its own. */
let shared: Awaited<ReturnType<typeof openBoth>>['free'];
let paying: Awaited<ReturnType<typeof openBoth>>['paying'];
beforeAll(async () => {
  const both = await openBoth();
  ({ free: shared, paying } = both);
  return both.end;
});

/** One whose answers are free, and one where each costs 3. */
async function openBoth() {
  const ends: (() => Promise<void>)[] = [];
  const keys = await openKeys((end) => ends.push(end));
  const pay = async (options: { purse?: Purse } | undefined) => {
    await options?.purse?.admit([{ index: INDEX, most: 3n }]);
    options?.purse?.signed(INDEX);
  };
  const free = await open(keys);
  const paid = await open(keys, {
    query: (_, options) => pay(options).then(() => sampleResult(paidBundle)),
    queryBytes: (_, options) => pay(options).then(() => paidBundle),
  });
  return {
    free: { keys, ...free },
    paying: { keys, ...paid },
    end: async () => void (await Promise.all(ends.map((end) => end()))),
  };
}

describe.each(Object.keys(CALLS))('%s', (name) => {
  test('answers 401 without a key, and to wrong, expired and revoked ones', async () => {
    const { keys, call } = shared;
    const good = await keys.make({ permissions: ['read', 'write', 'admin'] });
    const expired = await keys.make({ expiresAt: keys.now() + 1 });
    const revoked = await keys.make();
    await keys.ring.revoke(revoked.id);
    keys.wait(1);
    expect(refusal(await call(name, {}))).toEqual([401, 'API_KEY_NEEDED']);
    expect(refusal(await call(name, { authorization: 'Basic dXNlcjpwYXNz' }))).toEqual([401, 'API_KEY_NEEDED']);
    for (const key of [
      expired.key,
      revoked.key,
      good.key.slice(0, -1),
      'sk-1',
      good.key.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
    ]) {
      for (const headers of [bearer(key), { 'api-key': key }]) {
        const response = await call(name, headers);
        expect(refusal(response)).toEqual([401, 'API_KEY_INVALID']);
        expect(response.headers['www-authenticate']).toBe('Bearer');
      }
    }
    expect(refusal(await call(name, { ...bearer(good.key), 'api-key': expired.key }))).toEqual([401, 'API_KEY_INVALID']);
    expect((await call(name, { ...bearer(good.key), 'api-key': good.key })).statusCode).toBeLessThan(500);
    expect(LET_THROUGH).toContain((await call(name, { 'api-key': good.key })).statusCode);
  });

  test('takes no key from the address', async () => {
    const { keys, gateway } = shared;
    const { key } = await keys.make();
    const { url } = CALLS[name]!;
    const marked = `${url}${url.includes('?') ? '&' : '?'}api_key=${key}&access_token=${key}`;
    const method = name.split(' ')[0] as 'GET' | 'POST' | 'PATCH' | 'DELETE';
    expect(refusal(await gateway.app.inject({ method, url: marked, headers: { host: 'h' } }))).toEqual([401, 'API_KEY_NEEDED']);
  });

  test('answers 403 out of scope', async () => {
    const { keys, gateway, call } = shared;
    const [method, url] = name.split(' ');
    const route = gateway.routes.find((one) => one.method === method && one.url === url)!;
    const needed = route.access === 'public' ? null : route.access.permission;
    const others = (['read', 'write', 'admin'] as Permission[]).filter((one) => one !== needed);
    const lacking = await keys.make({ permissions: others });
    expect(refusal(await call(name, bearer(lacking.key)))).toEqual([403, 'API_KEY_SCOPE']);
    const elsewhere = await keys.make({ permissions: [needed!], indexes: ['lakes', 'rivers-*', `rivers@${'22'.repeat(16)}`] });
    const response = await call(name, bearer(elsewhere.key));
    if (CALLS[name]!.named) expect(refusal(response)).toEqual([403, 'API_KEY_SCOPE']);
    else expect(LET_THROUGH).toContain(response.statusCode);
  });

  test('answers 402 when the budget is spent, if it pays; otherwise a spent key still works', async () => {
    const { keys, call } = paying;
    // Each answer costs 3, and the key has 4.
    const { key } = await keys.make({ permissions: ['read', 'write', 'admin'], budget: { total: '4', perDay: null } });
    expect((await call('POST /v1/query', bearer(key))).statusCode).toBe(200);
    const response = await call(name, bearer(key));
    if (CALLS[name]!.pays) expect(refusal(response)).toEqual([402, 'API_KEY_BUDGET']);
    else expect(LET_THROUGH).toContain(response.statusCode);
  });

  test('answers 429 above the rate, with the time to wait', async () => {
    const { keys, call } = shared;
    const { key } = await keys.make({ permissions: ['read', 'admin'], rate: { perMinute: 6, burst: 1 } });
    expect((await call(name, bearer(key))).statusCode).not.toBe(429);
    const response = await call(name, bearer(key));
    expect(refusal(response)).toEqual([429, 'RATE_LIMITED']);
    expect(response.headers['retry-after']).toBe('10');
    keys.wait(10_000);
    expect((await call(name, bearer(key))).statusCode).not.toBe(429);
  });
});

test('public routes need no key', async () => {
  const keys = await openKeys();
  await keys.make();
  const { call } = await open(keys);
  for (const url of PUBLIC) expect((await call(`GET ${url}`, {})).statusCode, url).toBe(200);
});

test('a key lists the indexes that it may use, and no other', async () => {
  const keys = await openKeys();
  const { call } = await open(keys);
  const listed = async (indexes: string[]) => {
    const { key } = await keys.make({ indexes });
    return (await call('GET /v1/indexes', bearer(key))).json().indexes.length as number;
  };
  expect([await listed(['*']), await listed(['rivers']), await listed([INDEX]), await listed(['lakes'])]).toEqual([1, 1, 1, 0]);
});

test('a proof is for keys that may read its index; to others it looks like one that is not kept', async () => {
  const keys = await openKeys();
  const { call } = await open(keys);
  const payer = await keys.make();
  expect((await call('POST /v1/query', bearer(payer.key))).statusCode).toBe(200);
  const asked = async (indexes: string[]) => {
    const { key } = await keys.make({ permissions: ['read'], indexes });
    const { statusCode, body } = await call('GET /v1/proofs/:receipt', bearer(key));
    return { statusCode, body };
  };
  for (const indexes of [['*'], ['rivers'], ['riv*'], [INDEX]]) expect((await asked(indexes)).statusCode).toBe(200);
  const others = await asked(['lakes', `rivers@${'22'.repeat(16)}`]);
  const fresh = await open(keys);
  const unknown = await fresh.call('GET /v1/proofs/:receipt', bearer(payer.key));
  expect(others).toEqual({ statusCode: 404, body: unknown.body });
});

test('a key hears of other indexes of the same name only if it may use them', async () => {
  const keys = await openKeys();
  const found: OwnAnswer = { results: [], index: OWN, mode: 'bm25', snapshot: { sequence: 1, at: '2026-11-29T08:00:00.000Z' } };
  const asks: OwnIndexes = { ...own, idOf: (asked) => (asked === 'rivers' ? OWN : undefined), ask: async () => found };
  const { gateway } = await openGateway({}, { apiKeys: keys.ring, own: asks });
  const alsoNamed = async (indexes: string[]) => {
    const { key } = await keys.make({ indexes });
    const payload = { query: 'flood', index: 'rivers' };
    const response = await gateway.app.inject({ method: 'POST', url: '/v1/query', headers: bearer(key), payload });
    return (response.json() as { alsoNamed?: string[] }).alsoNamed;
  };
  expect(await alsoNamed(['*'])).toEqual([INDEX]);
  expect(await alsoNamed([OWN, INDEX])).toEqual([INDEX]);
  expect(await alsoNamed([OWN])).toBeUndefined();
});

test('no key is in the log, whatever fails', async () => {
  const keys = await openKeys();
  const { key } = await keys.make();
  const fail = () => Promise.reject(new Error(`the header was ${key}`));
  const { gateway, lines } = await openGateway({ query: fail }, { apiKeys: keys.ring });
  const response = await gateway.app.inject({
    method: 'POST',
    url: `/v1/query?api_key=${key}`,
    headers: bearer(key),
    payload: { query: 'a' },
  });
  expect([response.statusCode, response.body.includes(key)]).toEqual([500, false]);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join('\n')).not.toContain(key);
});

test('without keys, a gateway listens on loopback only', async () => {
  const keys = await openKeys();
  const { gateway } = await openGateway({}, { host: '0.0.0.0', apiKeys: keys.ring });
  await expect(gateway.listen()).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining('tributary key create'),
  });
  await keys.make();
  const { url } = await gateway.listen();
  expect((await fetch(`${url.replace('0.0.0.0', '127.0.0.1')}/v1/indexes`)).status).toBe(401);
  await gateway.close();
});

test('with a certificate it speaks HTTPS, and nothing else', async () => {
  const keys = await openKeys();
  const { key } = await keys.make();
  const { gateway } = await openGateway({}, { apiKeys: keys.ring, tls: TEST_TLS });
  const { url } = await gateway.listen();
  expect(url).toMatch(/^https:/);
  const status = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      get(`${url}/v1/indexes`, { ca: TEST_TLS.cert, headers }, (reply) => resolve(reply.resume().statusCode)).on('error', reject);
    });
  expect([await status({}), await status(bearer(key))]).toEqual([401, 200]);
  await expect(fetch(`${url.replace('https:', 'http:')}/healthz`)).rejects.toThrow();
  await gateway.close();
});
