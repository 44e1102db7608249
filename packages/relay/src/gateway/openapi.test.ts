import { expect, test } from 'vitest';
import { z } from 'zod';
import { ERROR_CODES, gatewayError, TributaryError, type ErrorCode } from '@tributary/schemas';
import { INDEX, openGateway, receiptOf, REQUEST_BODY, sampleBundle, sampleResult } from '../../test/_gateway.ts';

const host = '127.0.0.1:8080';
type Json = Record<string, unknown>;
interface Document {
  info: { description: string };
  paths: Record<
    string,
    Record<string, { responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }> }>
  >;
  components: { schemas: Json };
}

async function open() {
  const { gateway } = await openGateway({
    query: async ({ index }) => (index ? sampleResult(sampleBundle(1)) : sampleResult(sampleBundle(1), sampleBundle(2))),
  });
  const document: Document = (await gateway.app.inject({ url: '/openapi.json', headers: { host } })).json();
  return { gateway, document };
}

/** A validator for a schema of the published document, with the document's schemas as its own `$defs`. */
function readerOf(document: Document, schema: Json): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas }).replaceAll('#/components/schemas/', '#/$defs/');
  return z.fromJSONSchema(JSON.parse(text));
}

test('describes every route that the server has, and no other', async () => {
  const { gateway, document } = await open();
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  for (const line of described) {
    const [method = '', path = ''] = line.split(' ');
    const url = path.replace(/\{(\w+)\}/g, ':$1');
    expect(gateway.app.hasRoute({ method: method as 'GET', url }), line).toBe(true);
  }
  // The router lists the methods of each path; HEAD comes with GET.
  const listed = gateway.app.printRoutes({ commonPrefix: false }).matchAll(/\(([A-Z, ]+)\)/g);
  const served = [...listed].flatMap(([, methods]) => methods!.split(', ').filter((method) => method !== 'HEAD'));
  expect(served.length).toBe(described.length);
});

test('says where the APIs of others are described', async () => {
  const { document } = await open();
  expect(document.info.description).toMatch(/docs\/spec\/pinecone\.md and docs\/spec\/openai\.md/);
});

test('every reference leads to a schema', async () => {
  const { document } = await open();
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target!);
  expect(references.length).toBeGreaterThan(10);
  for (const target of references)
    expect(Object.keys(document.components.schemas)).toContain(target.replace('#/components/schemas/', ''));
});

const receipt = receiptOf(sampleBundle(1));
test.each([
  ['GET', '/healthz', '/healthz', undefined, 200],
  ['GET', '/readyz', '/readyz', undefined, 200],
  ['GET', '/v1/indexes', '/v1/indexes', undefined, 200],
  ['POST', '/v1/query', '/v1/query', { query: 'a', index: 'rivers', includeProof: true }, 200],
  ['POST', '/v1/query', '/v1/query', { query: 'a' }, 200],
  ['POST', '/v1/query', '/v1/query', { topK: 0 }, 400],
  ['POST', '/v1/relay', '/v1/relay', { nonce: 'A'.repeat(43), body: REQUEST_BODY }, 200],
  ['GET', '/v1/consistency', `/v1/consistency?index=${INDEX}&first=1&second=9`, undefined, 200],
  ['GET', '/v1/consistency', `/v1/consistency?index=${INDEX}&first=9&second=1`, undefined, 400],
  ['GET', '/v1/proofs/{receipt}', `/v1/proofs/${receipt}`, undefined, 200],
  ['GET', '/v1/proofs/{receipt}', `/v1/proofs/${'0'.repeat(64)}`, undefined, 404],
  ['GET', '/v1/credit', '/v1/credit', undefined, 200],
  ['GET', '/v1/recovered', '/v1/recovered', undefined, 200],
  ['GET', '/v1/recovered/{receipt}', `/v1/recovered/${receipt}`, undefined, 404],
  ['DELETE', '/v1/recovered/{receipt}', `/v1/recovered/${receipt}`, undefined, 404],
] as const)('%s %s (%s %j) answers %d in the shape it states', async (method, path, url, payload, status) => {
  const { gateway, document } = await open();
  const headers = { host };
  await gateway.app.inject({ method: 'POST', url: '/v1/query', payload: { query: 'a', index: 'rivers' }, headers });
  const response = await gateway.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  expect(response.statusCode).toBe(status);
  const { content } = document.paths[path]![method.toLowerCase()]!.responses[String(status)]!;
  const reader = readerOf(document, content!['application/json']!.schema);
  expect(() => reader.parse(response.json())).not.toThrow();
  expect(() => reader.parse({ ...(response.json() as Json), surprise: 1 })).toThrow();
});

const hash = 'cd'.repeat(32);
const ASKED = [
  ['POST', '/v1/query', '/v1/query', { query: 'a' }],
  ['POST', '/v1/relay', '/v1/relay', { nonce: 'A'.repeat(43), body: REQUEST_BODY }],
  ['GET', '/v1/consistency', `/v1/consistency?index=${INDEX}&first=1&second=2`, undefined],
  ['GET', '/v1/indexes', '/v1/indexes', undefined],
  ['GET', '/v1/proofs/{receipt}', `/v1/proofs/${hash}`, undefined],
  ['GET', '/v1/credit', '/v1/credit', undefined],
  ['GET', '/v1/recovered', '/v1/recovered', undefined],
  ['GET', '/readyz', '/readyz', undefined],
  ['GET', '/healthz', '/healthz', undefined],
] as const;

test.each(ASKED)(
  '%s %s answers no code that it does not list under its status, whatever fails behind it',
  async (method, path, url, payload) => {
    let failure: Error = new Error('none yet');
    const fail = () => Promise.reject(failure);
    const { gateway } = await openGateway(
      {
        query: fail,
        queryBytes: fail,
        recovered: fail,
        offers: () => {
          throw failure;
        },
      },
      {
        consistency: fail,
        credit: { payer: `0x${'ab'.repeat(20)}`, of: fail },
        ready: () => {
          throw failure;
        },
        proofs: { keep: () => undefined, get: fail, settled: fail, close: fail },
      },
    );
    const document: Document = (await gateway.app.inject({ url: '/openapi.json', headers: { host } })).json();
    const { responses } = document.paths[path]![method.toLowerCase()]!;
    const unlisted: string[] = [];
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      failure = new TributaryError(code, 'planted');
      const response = await gateway.app.inject({ method, url, headers: { host }, ...(payload ? { payload } : {}) });
      if (response.statusCode === 200) continue; // this route asks nobody that can fail
      const { code: answered, retry, retryAfterMs } = gatewayError.parse(response.json()).error;
      const listed = responses[String(response.statusCode)]?.description.split(/[ ,.]+/).includes(answered);
      if (!listed) unlisted.push(`${response.statusCode} ${answered}`);
      expect([answered === code || answered === 'INTERNAL', response.statusCode], code).toEqual([
        true,
        ERROR_CODES[answered as ErrorCode].http,
      ]);
      expect([retry, retryAfterMs !== undefined, response.headers['retry-after'] !== undefined], code).toEqual(
        Array(3).fill(ERROR_CODES[answered as ErrorCode].retry),
      );
    }
    expect(unlisted).toEqual([]);
  },
);

test('a refusal of a provider reaches the caller of /v1/query under its own code', async () => {
  for (const code of ['RATE_LIMITED', 'EXPOSURE_CAP', 'RECEIPT_CHARGE', 'HEAD_FORK', 'LINK_CLOSED', 'FILTER_INVALID'] as const) {
    const { gateway } = await openGateway({ query: () => Promise.reject(new TributaryError(code, 'planted')) });
    const response = await gateway.app.inject({ method: 'POST', url: '/v1/query', headers: { host }, payload: { query: 'a' } });
    expect(response.json().error.code).toBe(code);
  }
});
