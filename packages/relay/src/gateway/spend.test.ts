import { expect, test } from 'vitest';
import { TributaryError, type ErrorCode } from '@tributary/schemas';
import type { Client, Purse } from '@tributary/client';
import { INDEX, openGateway, REQUEST_BODY, sampleBundle, sampleResult } from '../../test/_gateway.ts';
import { openKeys } from '../../test/support/api-keys.ts';

const OTHER = `lakes@${'22'.repeat(16)}`;

/** A client whose questions may cost 200 and cost 120, unless they fail. */
function payingClient(fail?: { code: ErrorCode; signed: boolean }): Partial<Client> {
  const pay = async (purse: Purse | undefined) => {
    await purse?.admit([{ index: INDEX, most: 200n }]);
    if (fail?.signed !== false) purse?.signed(INDEX);
    if (fail) throw new TributaryError(fail.code, 'planted');
  };
  return {
    query: (_, options) => pay(options?.purse).then(() => sampleResult(sampleBundle(1))),
    queryBytes: (_, options) => pay(options?.purse).then(() => sampleBundle(1)),
  };
}
const QUERY = { url: '/v1/query', payload: { query: 'flood' } };
const RELAY = { url: '/v1/relay', payload: { nonce: 'A'.repeat(43), body: REQUEST_BODY } };

async function open(client: Partial<Client>, budget: { total?: string; perDay?: string }) {
  const keys = await openKeys();
  const { key, id } = await keys.make({ budget: { total: budget.total ?? null, perDay: budget.perDay ?? null } });
  const { gateway } = await openGateway(client, { apiKeys: keys.ring });
  const ask = ({ url, payload }: typeof QUERY | typeof RELAY) =>
    gateway.app.inject({ method: 'POST', url, payload, headers: { host: 'h', authorization: `Bearer ${key}` } });
  const spent = () => keys.ring.list().find((one) => one.id === id)!.spent;
  return { keys, ask, spent };
}

test.each([QUERY, RELAY])('$url is charged to the key, and refused with 402 when the rest does not cover it', async (route) => {
  const { keys, ask, spent } = await open(payingClient(), { perDay: '320' });
  const answer = await ask(route);
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain('"charge":"120"');
  expect(spent()).toEqual({ total: '120', today: '120' });
  expect((await ask(route)).statusCode).toBe(200);
  const refused = await ask(route);
  expect([refused.statusCode, refused.json().error.code]).toEqual([402, 'API_KEY_BUDGET']);
  expect(refused.json().error.message).toContain('may cost 200; the API key may spend 80 more today');
  expect(spent()).toEqual({ total: '240', today: '240' });
  keys.wait(86_400_000);
  expect((await ask(route)).statusCode).toBe(200);
  expect(spent()).toEqual({ total: '360', today: '120' });
});

test('a clock that is set ahead, and back, starts no new day', async () => {
  const { keys, ask, spent } = await open(payingClient(), { perDay: '320' });
  expect([(await ask(QUERY)).statusCode, (await ask(QUERY)).statusCode]).toEqual([200, 200]);
  for (const ms of [2 * 86_400_000, 0, -2 * 86_400_000]) {
    keys.setAhead(ms);
    keys.wait(25_000);
    expect((await ask(QUERY)).statusCode).toBe(402);
  }
  expect(spent()).toEqual({ total: '240', today: '240' });
  keys.wait(86_400_000);
  expect((await ask(QUERY)).statusCode).toBe(200);
});

test('questions at once cannot spend more than the budget together', async () => {
  const { ask, spent } = await open(payingClient(), { total: '700' });
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(QUERY)));
  expect(answers.filter(({ statusCode }) => statusCode === 200).length).toBe(3);
  expect(answers.filter(({ statusCode }) => statusCode === 402).length).toBe(7);
  expect(spent().total).toBe('360');
});

test.each<[ErrorCode, boolean, string]>([
  ['ASK_TIMEOUT', true, '200'],
  ['ASK_TIMEOUT', false, '0'],
  ['LINK_CLOSED', true, '200'],
  ['RECEIPT_CHARGE', true, '200'],
  ['ABORTED', true, '200'],
  ['LEDGER_WRITE', true, '200'],
  ['EXPOSURE_CAP', true, '0'],
  ['FILTER_INVALID', true, '0'],
  ['SPEND_CAP', false, '0'],
])('a question that ends with %s (signed: %s) counts as %s', async (code, signed, amount) => {
  const { ask, spent } = await open(payingClient({ code, signed }), { total: '1000' });
  expect((await ask(QUERY)).statusCode).toBeGreaterThanOrEqual(400);
  expect(spent().total).toBe(amount);
});

test('a part that failed while others answered counts by itself', async () => {
  const query: Client['query'] = async (_, options) => {
    await options?.purse?.admit([
      { index: INDEX, most: 200n },
      { index: OTHER, most: 70n },
    ]);
    options?.purse?.signed(INDEX);
    options?.purse?.signed(OTHER);
    return { ...sampleResult(sampleBundle(1)), failed: [{ index: OTHER, code: 'LINK_CLOSED', message: 'broke' }] };
  };
  const { ask, spent } = await open({ query }, { total: '1000' });
  expect((await ask(QUERY)).statusCode).toBe(200);
  expect(spent().total).toBe('190');
});

test('what earlier requests of a call for vectors cost counts when a later one is refused', async () => {
  const sale = `embedding:${'ab'.repeat(32)}`;
  const query: Client['query'] = async (_, { purse } = {}) => {
    await purse?.admit([
      { index: sale, most: 200n },
      { index: `${sale}/2`, most: 70n },
    ]);
    purse?.signed(sale);
    purse?.charged?.(sale, 150n);
    purse?.signed(`${sale}/2`);
    throw new TributaryError('TEXT_TOO_LONG', 'planted');
  };
  const keys = await openKeys();
  const { key } = await keys.make({ indexes: ['lakes'], budget: { total: '1000', perDay: null } });
  const { gateway } = await openGateway({ query }, { apiKeys: keys.ring });
  const response = await gateway.app.inject({ method: 'POST', ...QUERY, headers: { host: 'h', 'api-key': key } });
  expect(response.statusCode).toBe(400);
  expect(keys.ring.list()[0]!.spent.total).toBe('150');
});

test('an index out of scope is refused before anything is set aside', async () => {
  const keys = await openKeys();
  const { key } = await keys.make({ indexes: ['lakes'] });
  const asked: string[] = [];
  const query: Client['query'] = async (_, options) => {
    await options?.purse?.admit([{ index: INDEX, most: 200n }]);
    asked.push(INDEX);
    return sampleResult(sampleBundle(1));
  };
  const { gateway } = await openGateway({ query }, { apiKeys: keys.ring });
  const response = await gateway.app.inject({ method: 'POST', ...QUERY, headers: { host: 'h', 'api-key': key } });
  expect([response.statusCode, response.json().error.code, asked]).toEqual([403, 'API_KEY_SCOPE', []]);
  expect(keys.ring.list()[0]!.spent.total).toBe('0');
});
