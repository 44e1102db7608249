import { ERROR_CODES, TributaryError, type ErrorCode } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { openGateway } from '../../test/_gateway.ts';
import { openKeys, type TestKeys } from '../../test/support/api-keys.ts';
import { errorReply } from '../gateway/error-reply.ts';
import { openAiDialect, type OpenAiDeps } from './dialect.ts';
import { refusal } from './refusal.ts';

type Method = 'GET' | 'POST' | 'DELETE';

const embedder: OpenAiDeps['embedder'] = {
  card: { id: 'test/model', dimensions: [2] },
  dimension: 4,
  embedCounted: async (texts) => ({ vectors: texts.map(() => Float32Array.of(0.6, 0.8, 3, 4)), tokens: texts.length }),
};

/** How each route is called. */
const CALLS: Record<string, { url: string; payload?: object }> = {
  'POST /v1/embeddings': { url: '/v1/embeddings', payload: { model: 'test/model', input: 'a' } },
  'GET /v1/models': { url: '/v1/models' },
  'GET /v1/models/*': { url: '/v1/models/test%2Fmodel' },
};

async function open(keys?: TestKeys) {
  const dialects = (inFlight: Parameters<ReturnType<typeof openAiDialect>>[0]) => [
    openAiDialect({ embedder, now: () => 1_790_000_000_000 })(inFlight),
  ];
  const { gateway } = await openGateway({}, { dialects, ...(keys ? { apiKeys: keys.ring } : {}) });
  const call = async (name: string, headers: Record<string, string> = {}, payload = CALLS[name]?.payload) => {
    const method = name.split(' ')[0] as Method;
    const url = CALLS[name]?.url ?? name.split(' ')[1]!;
    const reply = await gateway.app.inject({
      method,
      url,
      headers: { host: '127.0.0.1:1', ...headers },
      ...(payload ? { payload } : {}),
    });
    return { status: reply.statusCode, headers: reply.headers, body: reply.json() };
  };
  return { gateway, call };
}
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

test('every route is called below', async () => {
  const { gateway } = await open();
  const routes = gateway.routes.map(({ method, url }) => `${method} ${url}`);
  expect(routes.slice(-Object.keys(CALLS).length).toSorted()).toEqual(Object.keys(CALLS).toSorted());
});

describe.each(Object.keys(CALLS))('%s', (name) => {
  test('answers 401 without a key, and to wrong and revoked ones', async () => {
    const keys = await openKeys();
    const { call } = await open(keys);
    const good = await keys.make({ permissions: ['read', 'write', 'admin'] });
    const revoked = await keys.make();
    await keys.ring.revoke(revoked.id);
    for (const headers of [{}, bearer('sk-1'), bearer(revoked.key)]) {
      const { status, body } = await call(name, headers);
      expect([status, body]).toEqual([
        401,
        { error: { message: expect.any(String), type: 'authentication_error', param: null, code: 'invalid_api_key' } },
      ]);
    }
    expect((await call(name, bearer(good.key))).status).toBe(200);
  });

  test('answers 403 out of scope', async () => {
    const keys = await openKeys();
    const { call, gateway } = await open(keys);
    const { access } = gateway.routes.find(({ method, url }) => `${method} ${url}` === name)!;
    const needed = access === 'public' ? null : access.permission;
    const { key } = await keys.make({ permissions: (['read', 'write', 'admin'] as const).filter((one) => one !== needed) });
    expect(await call(name, bearer(key))).toMatchObject({
      status: 403,
      body: { error: { type: 'permission_error', code: 'insufficient_permissions' } },
    });
  });

  test('answers 429 above the rate, and says for how long', async () => {
    const keys = await openKeys();
    const { call } = await open(keys);
    const { key } = await keys.make({ permissions: ['read', 'write', 'admin'], rate: { perMinute: 6, burst: 1 } });
    await call(name, bearer(key));
    expect(await call(name, bearer(key))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '10' },
      body: { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } },
    });
  });
});

describe('embeddings', () => {
  const name = 'POST /v1/embeddings';
  test('come as numbers unless base64 is asked for', async () => {
    const { call } = await open();
    expect(await call(name)).toMatchObject({
      status: 200,
      body: {
        object: 'list',
        model: 'test/model',
        data: [{ object: 'embedding', index: 0, embedding: [0.6, 0.8, 3, 4] }],
        usage: { prompt_tokens: 1, total_tokens: 1 },
      },
    });
    const { body } = await call(name, {}, { model: 'test/model', input: 'a', encoding_format: 'base64' });
    const bytes = Buffer.from(body.data[0].embedding as string, 'base64');
    expect([bytes.length, bytes.readFloatLE(8)]).toEqual([16, 3]);
  });

  test('are made of 2,048 texts and no more', async () => {
    const { call } = await open();
    const ask = (count: number) => call(name, {}, { model: 'test/model', input: Array(count).fill('a') });
    expect((await ask(2_048)).body.data.length).toBe(2_048);
    expect(await ask(2_049)).toMatchObject({ status: 400, body: { error: { param: 'input' } } });
  });

  test('are cut to a length that the card lists, and normalised', async () => {
    const { call } = await open();
    const ask = (dimensions: number) => call(name, {}, { model: 'test/model', input: 'a', dimensions });
    expect((await ask(2)).body.data[0].embedding).toEqual([0.6, 0.8]);
    expect((await ask(4)).body.data[0].embedding).toEqual([0.6, 0.8, 3, 4]);
    expect(await ask(3)).toMatchObject({ status: 400, body: { error: { param: 'dimensions' } } });
  });

  test('are refused in the shape of OpenAI when the body is no JSON', async () => {
    const { gateway } = await open();
    const post = (headers: Record<string, string>, payload: string) =>
      gateway.app.inject({ method: 'POST', url: '/v1/embeddings', headers: { host: 'localhost', ...headers }, payload });
    for (const [type, payload, status] of [
      ['application/json', '{', 400],
      ['application/json', '[]', 400],
      ['text/plain', 'a', 415],
    ] as const) {
      const reply = await post({ 'content-type': type }, payload);
      expect([reply.statusCode, reply.json()]).toEqual([
        status,
        { error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: expect.any(String) } },
      ]);
    }
  });
});

test('a path that there is not is refused in the shape of whoever asks', async () => {
  const { call } = await open();
  const stainless = await call('GET /v1/assistants', { 'x-stainless-lang': 'js' });
  expect(stainless).toMatchObject({ status: 404, body: { error: { code: 'unknown_url', type: 'invalid_request_error' } } });
  expect(await call('GET /v1/assistants')).toMatchObject({ status: 404, body: { error: { code: 'ROUTE_NOT_FOUND' } } });
});

test('no refusal is 5xx but for faults of the node', () => {
  const faults = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => {
    const error = new TributaryError(code, 'planted');
    const { status } = refusal(errorReply(error, 'r'), error);
    // What follows cannot leave one of these routes, or is no refusal.
    return status >= 500 && !['client', 'proof', 'cli'].includes(ERROR_CODES[code].area);
  });
  expect(faults.toSorted()).toEqual([
    'API_KEYS_DAMAGED',
    'DISK_WRITE',
    'EMBED_FAILED',
    'INTERNAL',
    'KEY_FILE',
    'LEDGER_DAMAGED',
    'LEDGER_WRITE',
    'PORT_IN_USE',
    'SHUTTING_DOWN',
    'STORE_CLOSED',
    'STORE_DAMAGED',
    'STORE_FORMAT',
    'STORE_LOCKED',
    'WORKER_CRASHED',
  ]);
});

test('clients are told not to repeat a conflict', () => {
  const error = new TributaryError('INDEX_EXISTS', 'planted');
  expect(refusal(errorReply(error, 'r'), error)).toMatchObject({ status: 409, headers: { 'x-should-retry': 'false' } });
});
