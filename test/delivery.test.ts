// What is paid is delivered, over real sockets: callers that hang up, replies that are lost, questions that are
// repeated under a key, and accounts that see only their own.
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { verifyBundle } from '@tributary/proof';
import { type GatewayNode } from '@tributary/relay';
import { askNode } from '@tributary/relay/local';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

const PRICE = 3n;
let network: TestNetwork;
let gateway: GatewayNode;
beforeEach(async () => {
  network = await startNetwork({ price: String(PRICE) }, { sellEmbeddings: '2' });
  gateway = await network.gateway({ buyEmbeddings: 'missing', allowed: [network.provider.keys.owner.did] });
  await gateway.client.refresh();
  await grant(network, gateway.payer);
});
afterEach(() => network.close());

const QUESTION = { query: 'flood in April', index: 'rivers', mode: 'bm25', topK: 1, minRelevance: 0 };
interface Reply {
  status: number;
  body: { error: { code: string }; results: { text: string }[]; usage: { charge: string; receipt: string }; answers: Facts[] };
}
interface Facts {
  receipt: string;
  sale: string;
  charge: string;
  key: string | null;
}

async function call(path: string, body: object | null, headers: Record<string, string> = {}, method?: string): Promise<Reply> {
  const json = body === null ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
  const how = { method: method ?? (body === null ? 'GET' : 'POST'), headers, ...json };
  const reply = await fetch(`${gateway.url}${path}`, how);
  return { status: reply.status, body: (await reply.json()) as Reply['body'] };
}
const keyed = (key: string, question: object = QUESTION, more: Record<string, string> = {}) =>
  call('/v1/query', question, { 'x-idempotency-key': key, ...more });
const charges = () => network.provider.ledger.risk().charged;

/** Asks and hangs up as soon as the provider has charged the answer. */
async function hangUp(headers: Record<string, string> = {}): Promise<void> {
  const before = charges();
  const { ledger } = network.provider;
  const settle = ledger.settle.bind(ledger);
  const asking = request(`${gateway.url}/v1/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  asking.on('error', () => undefined);
  ledger.settle = async (...args) => {
    const receipt = await settle(...args);
    asking.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100)); // the gateway has noticed before the answer leaves
    return receipt;
  };
  try {
    asking.end(JSON.stringify(QUESTION));
    await expect.poll(charges, { timeout: 10_000 }).toBe(before + PRICE);
    await new Promise((resolve) => setTimeout(resolve, 200));
  } finally {
    ledger.settle = settle;
  }
}

describe('a question under a key', () => {
  it('is paid once, however often it is repeated, also by the next process and without its provider', async () => {
    const key = randomUUID();
    const first = await keyed(key);
    expect(first).toMatchObject({ status: 200, body: { usage: { charge: String(PRICE) } } });
    expect(await keyed(key)).toEqual(first);
    expect(await keyed(key, { ...QUESTION, query: 'ferry' })).toMatchObject({
      status: 409,
      body: { error: { code: 'KEY_CONFLICT' } },
    });
    expect((await keyed('not a key')).body.error.code).toBe('INPUT_SHAPE');
    expect(charges()).toBe(PRICE);
    await gateway.close();
    gateway = await network.gateway({ bootstrap: [] });
    expect(await keyed(key)).toEqual(first);
    expect((await call('/v1/query', QUESTION)).status).toBe(503);
  });

  it('asked many times at once is paid once', async () => {
    const key = randomUUID();
    const replies = await Promise.all(Array.from({ length: 12 }, () => keyed(key)));
    expect(new Set(replies.map(({ body }) => body.usage.receipt)).size).toBe(1);
    expect(charges()).toBe(PRICE);
  });

  it('whose caller hung up after the charge is answered at the repeat, unpaid', async () => {
    const key = randomUUID();
    await hangUp({ 'x-idempotency-key': key });
    expect(await keyed(key)).toMatchObject({ status: 200, body: { usage: { charge: String(PRICE) } } });
    expect(charges()).toBe(PRICE);
    expect((await call('/v1/query', QUESTION)).status).toBe(200);
    expect(charges()).toBe(2n * PRICE);
  });

  it('belongs to the API key that asked it', async () => {
    const admin = <T>(method: string, params: object) => askNode(join(network.folder, 'gateway'), method, params) as Promise<T>;
    const make = async () => {
      const terms = { name: 'test', permissions: ['read'], indexes: ['*'], rate: null, writer: null, expiresAt: null };
      const budget = { total: '100', perDay: null };
      return { 'api-key': (await admin<{ key: string }>('keyCreate', { ...terms, budget })).key };
    };
    const [a, b] = [await make(), await make()];
    const key = randomUUID();
    const first = await keyed(key, QUESTION, a);
    expect(await keyed(key, QUESTION, a)).toEqual(first);
    const other = await keyed(key, QUESTION, b);
    expect(other.body.usage.receipt).not.toBe(first.body.usage.receipt);
    expect(charges()).toBe(2n * PRICE);
    const { keys } = await admin<{ keys: { spent: { total: string } }[] }>('keyList', {});
    expect(keys.map(({ spent }) => spent.total)).toEqual([String(PRICE), String(PRICE)]);
    await hangUp(a);
    await expect.poll(async () => (await call('/v1/recovered', null, a)).body.answers.length, { timeout: 10_000 }).toBe(1);
    expect((await call('/v1/recovered', null, b)).body.answers).toEqual([]);
    const [{ receipt }] = (await call('/v1/recovered', null, a)).body.answers as [Facts];
    for (const method of ['GET', 'DELETE'])
      expect((await call(`/v1/recovered/${receipt}`, null, b, method)).body.error.code).toBe('PROOF_NOT_FOUND');
  });
});

describe('an answer whose caller was gone', () => {
  it('is recovered, handed out with its proof, and forgotten when its caller has it', async () => {
    await hangUp();
    await expect.poll(async () => (await call('/v1/recovered', null)).body.answers.length, { timeout: 10_000 }).toBe(1);
    const [facts] = (await call('/v1/recovered', null)).body.answers as [Facts];
    expect(facts).toMatchObject({ sale: expect.stringMatching(/^rivers@/), charge: String(PRICE), key: null });
    const { body } = await call(`/v1/recovered/${facts.receipt}`, null);
    expect(body.results[0]!.text).toContain('spring flood');
    expect(verifyBundle((body as unknown as { proof: unknown }).proof).ok).toBe(true);
    expect((await call(`/v1/recovered/${facts.receipt}`, null, {}, 'DELETE')).status).toBe(200);
    expect((await call(`/v1/recovered/${facts.receipt}`, null)).status).toBe(404);
    expect((await call('/v1/recovered', null)).body.answers).toEqual([]);
    const { spent, writtenOff } = await gateway.client.wallet.totals();
    expect([spent, writtenOff, charges()]).toEqual([PRICE, 0n, PRICE]);
  });

  it('that was delivered is not listed, also after a restart', async () => {
    for (let at = 0; at < 3; at += 1) expect((await call('/v1/query', QUESTION)).status).toBe(200);
    await gateway.close();
    gateway = await network.gateway();
    await gateway.client.refresh();
    expect((await call('/v1/recovered', null)).body.answers).toEqual([]);
  });
});

it('vectors are bought once under a key', async () => {
  const body = { model: 'BAAI/bge-small-en-v1.5', input: ['spring flood', 'ferry'] };
  const buy = (key: string) => call('/v1/embeddings', body, { 'x-idempotency-key': key });
  const key = randomUUID();
  const first = await buy(key);
  expect(first.status).toBe(200);
  const paid = charges();
  expect(paid).toBeGreaterThan(0n);
  expect(await buy(key)).toEqual(first);
  expect(charges()).toBe(paid);
});

it('a program gets what its last process paid and did not get', async () => {
  const address = network.provider.addresses()[0]!;
  const client = await network.client('buyer', address);
  await grant(network, client.wallet.address);
  const question = { text: QUESTION.query, index: 'rivers', mode: 'bm25' as const, topK: 1, minRelevance: 0 };
  await client.query(question, { onDelivery: () => undefined }); // the process ends before it hands it out
  await client.query(question);
  await client.close();
  const next = await network.client('buyer', address);
  const [answer, ...others] = await next.recovered();
  expect(others).toEqual([]);
  expect(await answer!.results()).toMatchObject([{ text: expect.stringContaining('flood') }]);
  expect(await answer!.received()).toBe(true);
  expect(await next.recovered()).toEqual([]);
  expect((await next.wallet.totals()).spent).toBe(charges());
});
