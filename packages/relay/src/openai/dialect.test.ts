import type { FastifyRequest } from 'fastify';
import { ERROR_CODES, TributaryError, type ErrorCode } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { openKeys } from '../../test/support/api-keys.ts';
import { formOf, openOpenAiGateway } from '../../test/support/openai.ts';
import { errorReply } from '../gateway/error-reply.ts';
import { refusal } from './refusal.ts';

const STORE = '/v1/vector_stores/vs_1';
/** How each route is called, and its answer to a caller with access. */
const CALLS: Record<string, { url: string; json?: object; form?: () => FormData; status?: number }> = {
  'POST /v1/embeddings': { url: '/v1/embeddings', json: { model: 'test/model', input: 'a' } },
  'GET /v1/models': { url: '/v1/models' },
  'GET /v1/models/*': { url: '/v1/models/test%2Fmodel' },
  'POST /v1/files': { url: '/v1/files', form: () => formOf('a') },
  'GET /v1/files': { url: '/v1/files' },
  'GET /v1/files/:id': { url: '/v1/files/file-1', status: 404 },
  'GET /v1/files/:id/content': { url: '/v1/files/file-1/content', status: 404 },
  'DELETE /v1/files/:id': { url: '/v1/files/file-1', status: 404 },
  'POST /v1/vector_stores': { url: '/v1/vector_stores', json: {} },
  'GET /v1/vector_stores': { url: '/v1/vector_stores' },
  'GET /v1/vector_stores/:id': { url: STORE, status: 404 },
  'POST /v1/vector_stores/:id': { url: STORE, json: {}, status: 404 },
  'DELETE /v1/vector_stores/:id': { url: STORE, status: 404 },
  'POST /v1/vector_stores/:id/search': { url: `${STORE}/search`, json: { query: 'a' }, status: 404 },
  'POST /v1/vector_stores/:id/files': { url: `${STORE}/files`, json: { file_id: 'f' }, status: 404 },
  'GET /v1/vector_stores/:id/files': { url: `${STORE}/files`, status: 404 },
  'GET /v1/vector_stores/:id/files/:member': { url: `${STORE}/files/f`, status: 404 },
  'POST /v1/vector_stores/:id/files/:member': { url: `${STORE}/files/f`, json: { attributes: {} }, status: 404 },
  'DELETE /v1/vector_stores/:id/files/:member': { url: `${STORE}/files/f`, status: 404 },
  'GET /v1/vector_stores/:id/files/:member/content': { url: `${STORE}/files/f/content`, status: 404 },
  'POST /v1/vector_stores/:id/file_batches': { url: `${STORE}/file_batches`, json: { file_ids: ['f'] }, status: 404 },
  'GET /v1/vector_stores/:id/file_batches/:member': { url: `${STORE}/file_batches/b`, status: 404 },
  'GET /v1/vector_stores/:id/file_batches/:member/files': { url: `${STORE}/file_batches/b/files`, status: 404 },
  'POST /v1/vector_stores/:id/file_batches/:member/cancel': { url: `${STORE}/file_batches/b/cancel`, status: 404 },
};
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function open(keys?: Awaited<ReturnType<typeof openKeys>>) {
  const opened = await openOpenAiGateway(keys ? { keys } : {});
  const call = (name: string, headers: Record<string, string> = {}) => {
    const { url, json, form } = CALLS[name]!;
    return opened.call(`${name.split(' ')[0]} ${url}`, { headers, ...(json ? { json } : {}), ...(form ? { form: form() } : {}) });
  };
  return { ...opened, try: call };
}

test('every route is called below', async () => {
  const { gateway } = await open();
  const routes = gateway.routes.map(({ method, url }) => `${method} ${url}`);
  expect(routes.slice(routes.indexOf('GET /openapi.json') + 1).toSorted()).toEqual(Object.keys(CALLS).toSorted());
});

describe.each(Object.keys(CALLS))('%s', (name) => {
  test('answers 401 without a key, and to wrong and revoked ones', async () => {
    const keys = await openKeys();
    const opened = await open(keys);
    const good = await keys.make({ permissions: ['read', 'write', 'admin'] });
    const revoked = await keys.make();
    await keys.ring.revoke(revoked.id);
    for (const headers of [{}, bearer('sk-1'), bearer(revoked.key)] as Record<string, string>[]) {
      const { status, body } = await opened.try(name, headers);
      expect([status, body]).toEqual([
        401,
        { error: { message: expect.any(String), type: 'authentication_error', param: null, code: 'invalid_api_key' } },
      ]);
    }
    expect((await opened.try(name, bearer(good.key))).status).toBe(CALLS[name]!.status ?? 200);
  });

  test('answers 403 out of scope', async () => {
    const keys = await openKeys();
    const opened = await open(keys);
    const { access } = opened.gateway.routes.find(({ method, url }) => `${method} ${url}` === name)!;
    const needed = access === 'public' ? null : access.permission;
    const { key } = await keys.make({ permissions: (['read', 'write', 'admin'] as const).filter((one) => one !== needed) });
    expect(await opened.try(name, bearer(key))).toMatchObject({
      status: 403,
      body: { error: { type: 'permission_error', code: 'insufficient_permissions' } },
    });
  });

  test('answers 429 above the rate, and says for how long', async () => {
    const keys = await openKeys();
    const opened = await open(keys);
    const { key } = await keys.make({ permissions: ['read', 'write', 'admin'], rate: { perMinute: 6, burst: 1 } });
    await opened.try(name, bearer(key));
    expect(await opened.try(name, bearer(key))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '10' },
      body: { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } },
    });
  });
});

test('a spent key may call every route that costs nothing, which is all of them', async () => {
  const keys = await openKeys();
  const opened = await open(keys);
  const { key } = await keys.make({ permissions: ['read', 'write', 'admin'], budget: { total: '0', perDay: null } });
  for (const [name, { status = 200 }] of Object.entries(CALLS))
    expect([name, (await opened.try(name, bearer(key))).status]).toEqual([name, status]);
});

test('a spent budget is 402 with the code that clients know', () => {
  const error = new TributaryError('API_KEY_BUDGET', 'the key may spend 0 more');
  expect(refusal(errorReply(error, 'r'), error, {} as FastifyRequest)).toEqual({
    status: 402,
    body: {
      error: { message: 'the key may spend 0 more', type: 'insufficient_quota', param: null, code: 'insufficient_quota' },
    },
  });
});

test('a path that there is not is refused in the shape of whoever asks', async () => {
  const { call } = await open();
  const stainless = await call('GET /v1/assistants', { headers: { 'x-stainless-lang': 'js' } });
  expect(stainless).toMatchObject({ status: 404, body: { error: { code: 'unknown_url', type: 'invalid_request_error' } } });
  expect(await call('GET /v1/assistants')).toMatchObject({ status: 404, body: { error: { code: 'ROUTE_NOT_FOUND' } } });
});

test('a form is taken where one is asked for, and nowhere else', async () => {
  const { call } = await open();
  expect(await call('POST /v1/embeddings', { form: formOf('a') })).toMatchObject({ status: 415 });
  expect(await call('POST /v1/query', { form: formOf('a') })).toMatchObject({ status: 415 });
  expect(await call('POST /v1/files', { json: {} })).toMatchObject({
    status: 400,
    body: { error: { type: 'invalid_request_error' } },
  });
});

test('no refusal is 5xx but for faults of the node', () => {
  const faults = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => {
    const error = new TributaryError(code, 'planted');
    const { status } = refusal(errorReply(error, 'r'), error, {} as FastifyRequest);
    // What follows cannot leave one of these routes, or is no refusal.
    return status >= 500 && !['client', 'proof', 'cli'].includes(ERROR_CODES[code].area);
  });
  expect(faults.toSorted()).toEqual([
    'API_KEYS_DAMAGED',
    'DATA_FOLDER',
    'DISK_WRITE',
    'EMBED_FAILED',
    'ENGINE_BEHIND',
    'ENGINE_REFUSED',
    'ENGINE_UNREACHABLE',
    'FILE_DAMAGED',
    'INTERNAL',
    'KEY_FILE',
    'LEDGER_DAMAGED',
    'LEDGER_WRITE',
    'PORT_IN_USE',
    'READ_ONLY',
    'RERANK_FAILED',
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
  expect(refusal(errorReply(error, 'r'), error, {} as FastifyRequest)).toMatchObject({
    status: 409,
    headers: { 'x-should-retry': 'false' },
  });
});
