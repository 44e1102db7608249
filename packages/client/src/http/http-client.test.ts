// A gateway over a real socket that returns a bundle of schemas/vectors, honestly or not.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { quoteOf } from '@tributary/proof/payment';
import { fromBase64url, vectorFromBase64url } from '@tributary/proof/primitives';
import { bundleBytesMax } from '@tributary/schemas';
import type { Bundle, GatewayIndex, Offer, ProviderIdentity, Request, Trust } from '@tributary/schemas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testProvider } from '../testing/announcements.ts';
import { openHttpClient, type HttpClient, type HttpClientOptions } from './http-client.ts';
import type { Question } from '../query/types.ts';

const [paid] = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../schemas/vectors/bundle.valid.json'), 'utf8')) as [
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
  identity: bundle.identity,
  offer: bundle.offer,
};
const identity = JSON.parse(bundle.identity.body) as ProviderIdentity;
const everyone: Trust = {
  v: 1,
  type: 'tributary/trust',
  signers: [identity.did],
  logs: [identity.did],
  payees: [identity.payee],
  witnesses: [],
  quorum: 0,
};
const quote = quoteOf(offer, asked.topK);
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
    expect(JSON.parse(sent[1]!.body)).toEqual({ ...bundle.request, maxCharge: String(quote) });
  });

  it.each<[string, string, Partial<Question>]>([
    ['another question', 'REQUEST_MISMATCH', { text: 'something else' }],
    ['fewer results than asked for', 'REQUEST_MISMATCH', { topK: 6 }],
    ['a question with another bound', 'REQUEST_MISMATCH', { minRelevance: 0.5 }],
    ['a question with another weight', 'REQUEST_MISMATCH', { denseWeight: 0.11 }],
  ])('refuses an answer to %s', async (_, code, change) => {
    await expect(clientOf().query({ ...question, ...change })).rejects.toMatchObject({ code });
  });

  it('refuses an answer that the gateway replays or alters', async () => {
    const other = clientOf({ randomBytes: (length) => new Uint8Array(length).fill(5) });
    await expect(other.query(question)).rejects.toMatchObject({ code: 'REQUEST_MISMATCH' });
    answer = honest([index], { ...bundle, response: bundle.response.replace('spring', 'winter') });
    await expect(clientOf().query(question)).rejects.toMatchObject({ code: 'RESPONSE_HASH' });
  });

  it('refuses an answer dated an hour before the question', async () => {
    const later = clientOf({ now: () => bundle.receipt.servedAt + 3_600_000 });
    await expect(later.query(question)).rejects.toMatchObject({ code: 'CLOCK_STALE' });
  });

  it('finds the index by name, by id or as the only one', async () => {
    for (const name of [{ index: 'rivers' }, { index: index.id }]) await clientOf().query({ ...question, ...name });
    const { index: _, ...unnamed } = question;
    await clientOf().query(unnamed);
    const stranger = testProvider(9);
    const { identity: signed, offers } = stranger.announce({ offers: [{ index: stranger.index('rivers') }] });
    const twin = { ...index, id: stranger.index('rivers'), identity: signed, offer: offers[0]! };
    answer = honest([index, twin]);
    await expect(clientOf().query(question)).rejects.toMatchObject({
      code: 'INDEX_AMBIGUOUS',
      message: expect.stringContaining(twin.id),
    });
    await expect(clientOf().query(unnamed)).rejects.toMatchObject({ code: 'INDEX_AMBIGUOUS' });
    // A pinned owner wins the name.
    await clientOf({ trust: everyone }).query(question);
    answer = honest();
    await expect(clientOf().query({ ...question, index: 'lakes' })).rejects.toMatchObject({
      code: 'INDEX_NOT_OFFERED',
      message: expect.stringContaining(index.id),
    });
  });
});

describe('what a gateway says of an index', () => {
  const relayed = () => sent.filter(({ path }) => path === '/v1/relay').length;
  const attacker = `other@${'0'.repeat(32)}`;

  it('does not lead a full id to another index', async () => {
    answer = honest([{ ...index, name: index.id, id: attacker }]);
    await expect(clientOf().query({ ...question, index: index.id })).rejects.toMatchObject({ code: 'GATEWAY_RESPONSE' });
    answer = honest([{ ...index, name: attacker }]);
    await expect(clientOf().query({ ...question, index: attacker })).rejects.toMatchObject({ code: 'INDEX_NOT_OFFERED' });
    expect(relayed()).toBe(0);
  });

  it('does not lead a bare name to another index either', async () => {
    answer = honest([{ ...index, name: 'handbook' }]);
    await expect(clientOf().query({ ...question, index: 'handbook' })).rejects.toMatchObject({ code: 'INDEX_NOT_OFFERED' });
    await clientOf().query({ ...question, index: 'rivers' });
  });

  it('changes nothing that is asked: topK, model, bound, weight and price come from the signed offer', async () => {
    const { topK: _, minRelevance: __, ...open } = question;
    await clientOf()
      .query(open)
      .catch(() => undefined);
    const price = { base: '0', perResult: '0', perKiB: '0', empty: '0', unit: 'x' };
    const limits = { ...index.limits, topK: 1 };
    answer = honest([
      { ...index, limits, price, model: 'BAAI/bge-small-en-v1.5', modelDigest: '0'.repeat(64), languages: ['th'] },
    ]);
    await clientOf()
      .query(open)
      .catch(() => undefined);
    const [first, second] = sent.filter(({ path }) => path === '/v1/relay').map(({ body }) => body);
    expect(second).toBe(first);
    expect(first).toContain(`\\"model\\":\\"${offer.card.model}\\"`);
    // The client lists what the provider signed, too.
    expect(await clientOf().indexes()).toMatchObject([
      { limits: { topK: offer.limits.topK }, model: offer.card.modelId, price: offer.price },
    ]);
  });

  it('is refused when the statements are not signed so, and left out when they have run out', async () => {
    answer = honest([{ ...index, offer: { ...bundle.offer, body: bundle.offer.body.replace('"topK":', '"topK":9') } }]);
    await expect(clientOf().indexes()).rejects.toMatchObject({
      code: 'GATEWAY_RESPONSE',
      message: expect.stringContaining('statements that do not hold'),
    });
    answer = honest();
    expect(await clientOf({ now: () => offer.expiry }).indexes()).toEqual([]);
  });

  it('may not ask for more than the offer gives, nor cost more than is allowed; nothing is sent then', async () => {
    await expect(clientOf().query({ ...question, topK: offer.limits.topK + 1 })).rejects.toMatchObject({ code: 'TOPK_CAP' });
    await expect(clientOf().query({ ...question, maxCharge: quote - 1n })).rejects.toMatchObject({ code: 'SPEND_CAP' });
    expect(relayed()).toBe(0);
  });
});

describe('pins', () => {
  it('without trust, the outcome names every key that nobody pinned', async () => {
    expect(await clientOf().query(question)).toMatchObject({
      pinned: false,
      unpinned: [
        { code: 'LOG_UNPINNED', key: identity.did },
        { code: 'PAYEE_UNPINNED', key: identity.payee },
        { code: 'SIGNER_UNPINNED', key: identity.did },
      ],
    });
    expect(await clientOf({ trust: everyone }).query(question)).toMatchObject({ pinned: true, unpinned: [] });
  });

  it.each([
    ['LOG_UNPINNED', 'logs', ['/v1/indexes']],
    ['PAYEE_UNPINNED', 'payees', ['/v1/indexes']],
    ['SIGNER_UNPINNED', 'signers', ['/v1/indexes', '/v1/relay']],
  ] as const)('%s: with trust, others are refused, log and payee before anything is paid', async (code, member, paths) => {
    await expect(clientOf({ trust: { ...everyone, [member]: [] } }).query(question)).rejects.toMatchObject({ code });
    expect(sent.map(({ path }) => path)).toEqual(paths);
  });
});

describe('a gateway', () => {
  it('that does not run is unreachable', async () => {
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
