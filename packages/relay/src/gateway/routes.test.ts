import { gunzipSync } from 'node:zlib';
import { RefusalError, type Client } from '@tributary/client';
import { serializeBundle } from '@tributary/proof';
import { vectorToBase64url } from '@tributary/proof/primitives';
import { gatewayError, TributaryError, type ErrorCode } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { INDEX, openGateway, REQUEST_BODY, receiptOf, sampleBundle, sampleResult } from '../../test/_gateway.ts';
import { createMetrics } from '../observe/metrics.ts';
import { errorReply } from './error-reply.ts';

const host = '127.0.0.1:8080';
type Payload = string | Buffer | object;

async function post(url: string, payload: Payload, client: Partial<Client> = {}, headers: Record<string, string> = {}) {
  const { gateway, lines } = await openGateway(client);
  const json = Buffer.isBuffer(payload) || typeof payload === 'string' ? payload : JSON.stringify(payload);
  const typed = { host, 'content-type': 'application/json', ...headers };
  return { response: await gateway.app.inject({ method: 'POST', url, payload: json, headers: typed }), lines };
}
async function get(url: string, headers: Record<string, string> = {}) {
  const { gateway } = await openGateway();
  return gateway.app.inject({ url, headers: { host, ...headers } });
}
const codeOf = (response: { json(): unknown }): string => gatewayError.parse(response.json()).error.code;

describe('POST /v1/query', () => {
  test('hands the question to the client and gives its answer', async () => {
    const asked: unknown[] = [];
    const query: Client['query'] = async (question) => {
      asked.push(question);
      return sampleResult(sampleBundle(1));
    };
    const { response } = await post(
      '/v1/query',
      { query: 'flood', index: 'rivers', topK: 3, filter: { year: 1961 }, maxCharge: '150' },
      { query },
    );
    expect(asked).toEqual([{ text: 'flood', index: 'rivers', topK: 3, filter: { year: 1961 }, maxCharge: 150n }]);
    expect(response.json()).toMatchObject({
      index: INDEX,
      results: [{ id: 'r-1' }],
      usage: { charge: '120', receipt: receiptOf(sampleBundle(1)) },
      notProven: ['completeness'],
    });
    expect(response.json()).not.toHaveProperty('proof');
  });

  test.each([
    ['numbers', [1, 0.5, -2]],
    ['base64url', vectorToBase64url(Float32Array.of(1, 0.5, -2))],
  ])('takes a vector as %s', async (_name, vector) => {
    const asked: (Float32Array | undefined)[] = [];
    const query: Client['query'] = async (question) => {
      asked.push(question.vector);
      return sampleResult(sampleBundle(1));
    };
    expect((await post('/v1/query', { vector }, { query })).response.statusCode).toBe(200);
    expect(asked).toEqual([Float32Array.of(1, 0.5, -2)]);
  });

  test('includeProof adds the bundle', async () => {
    const { response } = await post('/v1/query', { query: 'flood', includeProof: true });
    expect(serializeBundle(response.json().proof)).toBe(serializeBundle(sampleBundle(1)));
  });

  test('sums the charges of several indexes and lists each', async () => {
    const query: Client['query'] = async () => sampleResult(sampleBundle(1), sampleBundle(2));
    const { response } = await post('/v1/query', { query: 'flood', includeProof: true }, { query });
    const { usage, answers, proof } = response.json();
    expect(usage.charge).toBe('240');
    expect(answers.map((part: { usage: unknown; proof: unknown }) => [part.usage, part.proof])).toEqual(
      [sampleBundle(1), sampleBundle(2)].map((bundle) => [{ charge: '120', unit: 'credit', receipt: receiptOf(bundle) }, bundle]),
    );
    expect(proof).toBeUndefined();
  });

  test('names the indexes that failed when others answered', async () => {
    const failed = [{ index: INDEX, code: 'LINK_CLOSED' as const, message: 'the link broke' }];
    const query: Client['query'] = async () => ({ ...sampleResult(sampleBundle(1)), failed });
    expect((await post('/v1/query', { query: 'flood' }, { query })).response.json().failed).toEqual(failed);
    expect((await post('/v1/query', { query: 'flood' })).response.json()).not.toHaveProperty('failed');
  });

  test.each([
    ['no question', {}, 'INPUT_SHAPE', "needs 'query', 'vector' or 'sparse'"],
    ['an unknown field', { query: 'a', topk: 3 }, 'INPUT_SHAPE', 'topk'],
    ['a wrong type', { query: 'a', topK: '3' }, 'INPUT_SHAPE', 'at topK'],
    ['no JSON', '{"query":', 'INPUT_NOT_JSON', 'not JSON'],
    ['nothing', '', 'INPUT_NOT_JSON', 'empty'],
    ['a poisoned key', '{"query":"a","__proto__":{"topK":1}}', 'INPUT_NOT_JSON', 'JSON'],
    ['wrong encoding', Buffer.from([0x22, 0xff, 0x22]), 'INPUT_NOT_UTF8', 'UTF-8'],
    [
      '60,000 nested conditions',
      `{"query":"a","filter":${'{"$and":['.repeat(60_000)}${']}'.repeat(60_000)}}`,
      'INPUT_NOT_JSON',
      'nests deeper',
    ],
    ['too much', `{"query":"${'a'.repeat(1_048_576)}"}`, 'INPUT_TOO_LARGE', 'too large'],
    ['a vector that is not one', { vector: 'AAA' }, 'INPUT_SHAPE', 'vector'],
    ['a component beyond float32', { vector: [1, 1e39] }, 'VECTOR_NOT_FINITE', 'component 1'],
    ['a charge that is no amount', { query: 'a', maxCharge: '-1' }, 'INPUT_SHAPE', 'maxCharge'],
  ])('refuses %s', async (_name, payload, code, message) => {
    const { response } = await post('/v1/query', payload);
    expect(codeOf(response)).toBe(code);
    expect(response.json().error.message).toContain(message);
    expect(response.statusCode).toBe(errorReply(new TributaryError(code as ErrorCode, ''), '').status);
  });

  test('refuses other content types by name', async () => {
    const { response } = await post('/v1/query', '{"query":"a"}', {}, { 'content-type': 'text/plain' });
    expect([response.statusCode, codeOf(response)]).toEqual([415, 'CONTENT_TYPE']);
    expect(response.json().error.message).toContain('application/json');
  });
});

describe('GET /v1/consistency', () => {
  test("passes on the provider's proof", async () => {
    const asked: unknown[] = [];
    const consistency = async (sizes: unknown) => (asked.push(sizes), ['B'.repeat(43)]);
    const { gateway } = await openGateway({}, { consistency });
    const response = await gateway.app.inject({ url: `/v1/consistency?index=${INDEX}&first=3&second=8`, headers: { host } });
    expect(response.json()).toEqual({ hashes: ['B'.repeat(43)] });
    expect(asked).toEqual([{ index: INDEX, first: 3, second: 8 }]);
  });

  test.each([
    'index=rivers&first=1&second=2',
    `index=${INDEX}&first=0&second=2`,
    `index=${INDEX}&first=1e3&second=2000`,
    `index=${INDEX}&first=3&second=2`,
    `index=${INDEX}&first=1`,
    `index=${INDEX}&first=1&second=2&third=3`,
    `index=${INDEX}&first=1&first=2&second=2`,
  ])('refuses %s', async (query) => {
    expect(codeOf(await get(`/v1/consistency?${query}`))).toBe('INPUT_SHAPE');
  });
});

describe('errors', () => {
  const failing = (error: unknown) => post('/v1/query', { query: 'a' }, { query: () => Promise.reject(error) });

  test('with a code keep code, message, status and pause', async () => {
    const refusal = new RefusalError({
      code: 'RATE_LIMITED',
      peerCode: 'RATE_LIMITED',
      message: 'slower, please',
      retryAfterMs: 1_500,
    });
    const { response, lines } = await failing(refusal);
    expect(response.statusCode).toBe(429);
    expect(response.headers['retry-after']).toBe('2');
    const error = { code: 'RATE_LIMITED', message: 'slower, please', requestId: 'request-1', retry: true, retryAfterMs: 1_500 };
    expect(response.json()).toEqual({ error });
    expect(lines).toEqual([]);
  });

  test.each([new Error('secret path /home/x'), new TributaryError('INTERNAL', 'secret path /home/x'), 'secret path'])(
    'without a code show only the request id, and are logged',
    async (thrown) => {
      const { response, lines } = await failing(thrown);
      expect([response.statusCode, codeOf(response)]).toEqual([500, 'INTERNAL']);
      expect(response.body).not.toContain('secret');
      expect(response.body).toContain('request-1');
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { level: 'error', event: 'request-failed', request: 'request-1', route: '/v1/query' },
      ]);
    },
  );

  test.each([
    ['GET', '/v2/query'],
    ['DELETE', '/v1/query'],
    ['GET', '/v1/query'],
    ['GET', '/v1/proofs/%zz'],
  ] as const)('%s %s has no route', async (method, url) => {
    const { gateway } = await openGateway();
    const response = await gateway.app.inject({ method, url, headers: { host } });
    expect([response.statusCode, codeOf(response)]).toEqual([404, 'ROUTE_NOT_FOUND']);
  });

  test('are counted by code and route, never by what callers choose', async () => {
    const metrics = createMetrics();
    const { gateway } = await openGateway({}, { metrics });
    for (const url of ['/nowhere/1', '/nowhere/2', '/healthz']) await gateway.app.inject({ url, headers: { host } });
    const text = (await gateway.app.inject({ url: '/metrics', headers: { host } })).body;
    expect(text).toContain('tributary_gateway_errors_total{code="ROUTE_NOT_FOUND"} 2');
    expect(text).toContain('tributary_gateway_requests_total{route="none",status="404"} 2');
    expect(text).toContain('tributary_gateway_requests_total{route="/healthz",status="200"} 1');
    expect(text).not.toContain('nowhere');
  });
});

describe('proofs', () => {
  test('of answers are available as the exact file', async () => {
    const { gateway } = await openGateway();
    const asking = { method: 'POST', url: '/v1/query', payload: { query: 'a' }, headers: { host } } as const;
    const { receipt } = (await gateway.app.inject(asking)).json().usage;
    const response = await gateway.app.inject({ url: `/v1/proofs/${receipt}`, headers: { host } });
    expect(response.body).toBe(serializeBundle(sampleBundle(1)));
    expect(response.headers['content-type']).toMatch(/^application\/json/);
  });

  test('of relayed questions too', async () => {
    const asked: unknown[] = [];
    const queryBytes: Client['queryBytes'] = async (made) => {
      asked.push(made);
      return sampleBundle(5);
    };
    const { gateway } = await openGateway({ queryBytes });
    const payload = { nonce: 'B'.repeat(42) + 'A', body: REQUEST_BODY, maxCharge: '9' };
    const response = await gateway.app.inject({ method: 'POST', url: '/v1/relay', payload, headers: { host } });
    expect(response.json()).toEqual({ bundle: sampleBundle(5) });
    expect(asked).toEqual([{ nonce: payload.nonce, body: payload.body, maxCharge: 9n }]);
    const proof = await gateway.app.inject({ url: `/v1/proofs/${receiptOf(sampleBundle(5))}`, headers: { host } });
    expect(proof.body).toBe(serializeBundle(sampleBundle(5)));
  });

  test.each([
    ['no JSON', 'flood'],
    ['another object', '{"query":"flood"}'],
    ['another spelling', REQUEST_BODY.replace('"v":1', '"v": 1')],
    [
      '60,000 nested conditions',
      REQUEST_BODY.replace('"filter":null', `"filter":${'{"$and":['.repeat(60_000)}${']}'.repeat(60_000)}`),
    ],
  ])('of a body that is no request (%s) are never asked for', async (_what, body) => {
    const queryBytes: Client['queryBytes'] = () => Promise.reject(new Error('asked'));
    const { response } = await post('/v1/relay', { nonce: 'A'.repeat(43), body }, { queryBytes });
    expect([response.statusCode, codeOf(response)]).toEqual([400, 'INPUT_SHAPE']);
  });

  test('that do not exist, and malformed receipts, are distinguished', async () => {
    expect(codeOf(await get(`/v1/proofs/${'a'.repeat(64)}`))).toBe('PROOF_NOT_FOUND');
    expect(codeOf(await get('/v1/proofs/aa'))).toBe('INPUT_SHAPE');
    expect(codeOf(await get(`/v1/proofs/${'a'.repeat(2_049)}`))).toBe('INPUT_TOO_LARGE');
  });
});

describe('readiness and indexes', () => {
  test('not ready says why', async () => {
    const { gateway } = await openGateway(
      {},
      { ready: () => ({ ready: false, providers: 0, readOnly: false, reason: 'no provider is known yet' }) },
    );
    const response = await gateway.app.inject({ url: '/readyz', headers: { host } });
    expect([response.statusCode, response.json()]).toEqual([
      503,
      { ready: false, providers: 0, readOnly: false, reason: 'no provider is known yet' },
    ]);
    expect((await get('/readyz')).statusCode).toBe(200);
  });

  test('expired offers are not listed', async () => {
    const { gateway } = await openGateway({}, { now: () => 2_000_000_000_000 });
    expect((await gateway.app.inject({ url: '/v1/indexes', headers: { host } })).json()).toEqual({ indexes: [] });
    expect((await get('/v1/indexes')).json().indexes).toMatchObject([
      { name: 'rivers', id: INDEX, price: { base: '100', unit: 'credit' } },
    ]);
  });
});

describe('browsers', () => {
  test.each([
    [{ host: 'evil.example' }, 403],
    [{ host: '127.0.0.1.evil.example' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: `http://${host}` }, 200],
    [{ host: 'localhost:8080' }, 200],
    [{ host: '[::1]:8080' }, 200],
  ])('a gateway on loopback answers %j with %d', async (headers, status) => {
    expect((await get('/v1/indexes', headers)).statusCode).toBe(status);
  });

  test('the page allows nothing from elsewhere and no frame around it', async () => {
    const { headers } = await get('/?q=a');
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-request-id': 'request-1' });
    expect(headers).not.toHaveProperty('server');
  });

  test('only a visit from the page itself asks at once', async () => {
    expect((await get('/?q=a', { 'sec-fetch-site': 'same-origin' })).body).toContain('data-ask="now"');
    for (const site of ['none', 'cross-site', 'same-site', 'Same-Origin'])
      expect((await get('/?q=a', { 'sec-fetch-site': site })).body, site).toContain('data-ask="wait"');
    expect((await get('/?q=a')).body).toContain('data-ask="wait"');
  });

  test('assets are sent again only when they changed', async () => {
    const first = await get('/assets/page.js');
    expect(first.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect((await get('/assets/page.js', { 'if-none-match': String(first.headers.etag) })).statusCode).toBe(304);
    expect((await get('/assets/page.css', { 'if-none-match': String(first.headers.etag) })).body).toBe('a{}');
    const packed = await get('/assets/page.js', { 'accept-encoding': 'br, gzip' });
    expect([packed.headers['content-encoding'], gunzipSync(packed.rawPayload).toString()]).toEqual(['gzip', first.body]);
  });
});
