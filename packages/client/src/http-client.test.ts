// A gateway over a real socket that hands out a bundle of schemas/vectors, honestly and otherwise.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fromBase64url, vectorFromBase64url } from '@tributary/proof';
import {
  bundleBytesMax,
  type Bundle,
  type GatewayIndex,
  type Offer,
  type ProviderIdentity,
  type Request,
} from '@tributary/schemas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHttpClient, type HttpClient, type HttpClientOptions } from './http-client.ts';
import type { Question } from './query/types.ts';

const [paid] = JSON.parse(readFileSync(join(import.meta.dirname, '../../../schemas/vectors/bundle.valid.json'), 'utf8')) as [
  { input: { file: string } },
];
const bundle = JSON.parse(paid.input.file) as Bundle;
const asked = JSON.parse(bundle.request.body) as Request;
const offer = JSON.parse(bundle.offer.body) as Offer;
const index: GatewayIndex = {
  ...offer.card,
  id: offer.index,
  name: 'rivers',
  provider: (JSON.parse(bundle.identity.body) as ProviderIdentity).did,
  model: offer.card.modelId,
  modelDigest: offer.card.model,
  price: { ...offer.price, unit: offer.unit },
  limits: offer.limits,
  languages: offer.card.languages,
  offerExpires: '',
};
const question: Question = {
  index: 'rivers',
  text: asked.text!,
  mode: 'hybrid',
  topK: asked.topK,
  filter: asked.filter!,
  minRelevance: asked.minRelevance,
  minSequence: asked.minSequence!,
};

let server: Server;
let sent: { path: string; body: string }[];
/** What the gateway answers; changed by a test. */
let answer: (path: string, response: ServerResponse) => void;

const json = (response: ServerResponse, value: unknown, status = 200) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
const honest =
  (indexes: GatewayIndex[] = [index], given: Bundle = bundle) =>
  (path: string, response: ServerResponse) =>
    json(response, path === '/v1/indexes' ? { indexes } : { bundle: given });

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  sent.push({ path: request.url!, body: Buffer.concat(chunks).toString() });
  answer(request.url!, response);
}
function clientOf(options: Partial<HttpClientOptions> = {}): HttpClient {
  return openHttpClient({
    gateway: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    now: () => bundle.receipt.servedAt + 1_000,
    randomBytes: () => fromBase64url(bundle.request.nonce),
    embed: async () => vectorFromBase64url(asked.vector!),
    ...options,
  });
}
beforeEach(async () => {
  sent = [];
  answer = honest();
  server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('a query over a gateway', () => {
  it('makes its own bytes and nonce, and verifies what comes back', async () => {
    const { results, answer: verified } = await clientOf().query({ ...question, maxCharge: 5_000n });
    expect(results.map(({ rank }) => rank)).toEqual(results.map((_, at) => at + 1));
    expect(results).toHaveLength(asked.topK);
    expect(verified.notProven).toContain('completeness');
    expect(sent.map(({ path }) => path)).toEqual(['/v1/indexes', '/v1/relay']);
    expect(JSON.parse(sent[1]!.body)).toEqual({ ...bundle.request, maxCharge: '5000' });
  });

  it.each<[string, string, Partial<Question>]>([
    ['another question', 'REQUEST_MISMATCH', { text: 'something else' }],
    ['fewer results than asked for', 'REQUEST_MISMATCH', { topK: 6 }],
    ['a higher price than allowed', 'RECEIPT_CHARGE', { maxCharge: 1n }],
  ])('refuses an answer to %s', async (_, code, change) => {
    await expect(clientOf().query({ ...question, ...change })).rejects.toMatchObject({ code });
  });

  it('refuses an answer that the gateway kept from before, or changed', async () => {
    const other = clientOf({ randomBytes: (length) => new Uint8Array(length).fill(5) });
    await expect(other.query(question)).rejects.toMatchObject({ code: 'REQUEST_MISMATCH' });
    answer = honest([index], { ...bundle, response: bundle.response.replace('spring', 'winter') });
    await expect(clientOf().query(question)).rejects.toMatchObject({ code: 'RESPONSE_HASH' });
  });

  it('names the index by name, by id or as the only one', async () => {
    for (const name of [{ index: 'rivers' }, { index: index.id }]) await clientOf().query({ ...question, ...name });
    const { index: _, ...unnamed } = question;
    await clientOf().query(unnamed);
    const twin = { ...index, id: `rivers@${'0'.repeat(32)}` };
    answer = honest([index, twin]);
    await expect(clientOf().query(question)).rejects.toMatchObject({
      code: 'INDEX_AMBIGUOUS',
      message: expect.stringContaining(twin.id),
    });
    await expect(clientOf().query(unnamed)).rejects.toMatchObject({ code: 'INDEX_AMBIGUOUS' });
    await expect(clientOf().query({ ...question, index: 'lakes' })).rejects.toMatchObject({
      code: 'INDEX_NOT_OFFERED',
      message: expect.stringContaining(index.id),
    });
  });
});

describe('a gateway', () => {
  it('that is not there is unreachable', async () => {
    const client = clientOf();
    await new Promise((resolve) => server.close(resolve));
    await expect(client.query(question)).rejects.toMatchObject({ code: 'GATEWAY_UNREACHABLE' });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['a page', (response) => void response.end('<html>')],
    ['nothing', (response) => void response.end()],
    ['an error page', (response) => void response.writeHead(502).end('<html>')],
    ['an error of another shape', (response) => json(response, { detail: 'no' }, 500)],
    ['an answer that breaks off', (response) => void response.write('{"a', () => response.destroy())],
  ])('that answers with %s is named in the error', async (_, reply) => {
    answer = (_path, response) => reply(response);
    await expect(clientOf().indexes()).rejects.toMatchObject({
      code: expect.stringMatching(/^GATEWAY_(RESPONSE|UNREACHABLE)$/),
      message: expect.stringContaining('http://127.0.0.1'),
    });
  });

  it.each([
    ['bundles', '/v1/relay', { bundle: { v: 1 } }],
    ['indexes', '/v1/indexes', { list: [] }],
    ['indexes', '/v1/indexes', { indexes: [{ id: 5 }] }],
    ['indexes', '/v1/indexes', null],
  ])('that answers with %s of another shape is refused: %s %j', async (_, at, value) => {
    answer = (path, response) => (path === at ? json(response, value) : honest()(path, response));
    await expect(clientOf().query(question)).rejects.toMatchObject({
      code: expect.stringMatching(/^(INPUT_SHAPE|GATEWAY_RESPONSE)$/),
    });
  });

  it('is read up to the bound of a bundle, however much it sends', async () => {
    const block = Buffer.alloc(1_048_576, 0x20);
    answer = (_path, response) => {
      const more = () => {
        while (!response.destroyed && response.write(block));
        if (!response.destroyed) response.once('drain', more);
      };
      response.on('error', () => undefined);
      more();
    };
    await expect(clientOf().indexes()).rejects.toMatchObject({
      code: 'GATEWAY_RESPONSE',
      message: expect.stringContaining(`more than ${bundleBytesMax}`),
    });
  });

  it('passes on its codes; one that nobody knows is INTERNAL', async () => {
    const error = (code: string) => ({ error: { code, message: 'because', requestId: 'r', retry: false } });
    for (const [code, read] of [
      ['RATE_LIMITED', 'RATE_LIMITED'],
      ['toString', 'INTERNAL'],
    ] as const) {
      answer = (_path, response) => json(response, error(code), 429);
      await expect(clientOf().indexes()).rejects.toMatchObject({ code: read, message: 'because' });
    }
  });

  it('is not waited for once the caller gives up', async () => {
    answer = () => undefined;
    const controller = new AbortController();
    const waiting = clientOf().indexes(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
