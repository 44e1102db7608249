// A stock MCP client asks a gateway over HTTP, in both eras of the protocol, and over `tributary mcp`: it searches,
// reads, cites and verifies, spends to its cap, and is refused with a key that was revoked.
import { join } from 'node:path';
import { openHeadStore } from '@tributary/client/heads';
import type { GatewayNode } from '@tributary/relay';
import { askNode } from '@tributary/relay/local';
import type { ApiKeyTerms } from '@tributary/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERAS, httpAgent, stdioAgent, type Agent } from './mcp/agent.ts';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

const PRICE = 3;
const CAP = 7;
const QUESTION = 'When does the spring flood of the delta begin?';
const ANY: ApiKeyTerms = {
  name: 'test',
  permissions: ['read'],
  indexes: ['*'],
  budget: { total: null, perDay: null },
  rate: null,
  writer: null,
  expiresAt: null,
};

let network: TestNetwork;
let gateway: GatewayNode;
const agents: Agent[] = [];
const owner = () => network.provider.store.index('rivers').info().provider;

const admin = <T>(method: string, params: object = {}) => askNode(join(network.folder, 'gateway'), method, params) as Promise<T>;
async function makeKey(terms: Partial<ApiKeyTerms> = {}): Promise<{ key: string; id: string }> {
  const { key, info } = await admin<{ key: string; info: { id: string } }>('keyCreate', { ...ANY, ...terms });
  return { key, id: info.id };
}
const spent = async (id: string) =>
  (await admin<{ keys: { id: string; spent: { total: string } }[] }>('keyList')).keys.find((one) => one.id === id)!.spent.total;
async function agent(...args: Parameters<typeof httpAgent>): Promise<Agent> {
  const made = await httpAgent(...args);
  agents.push(made);
  return made;
}

beforeAll(async () => {
  network = await startNetwork({ price: String(PRICE) });
  gateway = await network.gateway({ mcp: { sessionCap: BigInt(CAP) } });
  await gateway.client.refresh();
  await grant(network, gateway.payer);
  await makeKey(); // from now on callers need a key
});
afterAll(async () => {
  for (const one of agents) await one.close();
  await network.close();
});

describe.each(ERAS)('a client of %s', (era) => {
  it('searches, reads what it found without paying again, cites it and verifies the proof', async () => {
    const { key, id } = await makeKey();
    const client = await agent(gateway.url, key, { era });
    const found = await client.call('search', { query: QUESTION });
    expect(Object.keys(found.structured)).toEqual(['results']);
    expect(JSON.parse(found.text)).toEqual(found.structured);
    const [first] = found.structured.results;
    expect(first).toMatchObject({ title: 'Floods', text: expect.stringContaining('April') });
    expect(await spent(id)).toBe(String(PRICE));
    const read = await client.call('fetch', { id: first!.id });
    expect(Object.keys(read.structured)).toEqual(['id', 'title', 'text', 'url', 'metadata']);
    expect(read.structured).toMatchObject({ id: first!.id, text: expect.stringContaining('begins in April') });
    const { metadata } = read.structured;
    expect(metadata).toMatchObject({ licence: 'CC-BY-4.0', verified: true, untrusted: true, signer: owner() });
    const checked = await client.call('verify_result', { receipt: metadata.receipt });
    expect(checked.structured).toMatchObject({ verified: true, failed: null, facts: { query: QUESTION, charge: String(PRICE) } });
    expect(await spent(id)).toBe(String(PRICE));
    const page = await fetch(first!.url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('begins in April')]);
    expect((await fetch(first!.url.replace(/link=.{4}/, 'link=AAAA'))).status).toBe(404);
  });

  it('spends to the cap of its session, then to the budget of its key', async () => {
    const client = await agent(gateway.url, (await makeKey()).key, { era, name: 'spender' });
    const ask = () => client.call('query_index', { query: QUESTION, index: 'rivers', topK: 1 });
    expect((await ask()).structured.results[0]!.citation).toMatchObject({
      licence: 'CC-BY-4.0',
      index: expect.stringMatching(/^rivers@/),
    });
    expect((await ask()).isError).toBe(false);
    expect(await ask()).toMatchObject({ isError: true, meta: { 'tributary/error': { code: 'SESSION_CAP', status: 402 } } });
    const { session } = (await client.call('budget')).structured;
    expect(session).toEqual({ spent: '6', cap: '7', left: '1' });
    const poor = await agent(gateway.url, (await makeKey({ budget: { total: '2', perDay: null } })).key, { era, name: 'poor' });
    expect(await poor.call('search', { query: QUESTION })).toMatchObject({
      isError: true,
      meta: { 'tributary/error': { code: 'API_KEY_BUDGET', status: 402 } },
    });
    expect((await poor.call('budget')).structured.key.left).toBe('2');
  });

  it('sees only what its key is for, and nothing once the key is revoked', async () => {
    const { key: other } = await makeKey({ indexes: ['lakes'] });
    const narrow = await agent(gateway.url, other, { era });
    expect((await narrow.call('list_indexes')).structured.indexes).toEqual([]);
    expect(await narrow.call('query_index', { query: 'a', index: 'rivers' })).toMatchObject({
      meta: { 'tributary/error': { code: 'API_KEY_SCOPE', status: 403 } },
    });
    const { key, id } = await makeKey();
    const client = await agent(gateway.url, key, { era });
    expect((await client.call('list_indexes')).structured.indexes).toMatchObject([{ name: 'rivers', own: false }]);
    await admin('keyRevoke', { id });
    await expect(client.call('list_indexes')).rejects.toMatchObject({ status: 401 });
    await expect(httpAgent(gateway.url, key, { era })).rejects.toMatchObject({ status: 401 });
  });

  it('cuts an answer to the tokens that it asked for', async () => {
    const client = await agent(gateway.url, (await makeKey()).key, { era, name: 'small' });
    const ask = async (max_tokens: number) =>
      (await client.call('query_index', { query: 'river', index: 'rivers', topK: 5, minRelevance: 0, max_tokens })).structured;
    const [short, long] = [await ask(400), await ask(20_000)];
    expect(short.truncated).toBe(true);
    expect(long.truncated).toBe(false);
    expect(long.agreement.incomparable).toBe(0); // each paid answer shows the vectors
    expect(short.results.length).toBeLessThan(long.results.length);
    expect(Buffer.byteLength(JSON.stringify(short.results))).toBeLessThan(400 * 4);
  });
});

it('refuses pages of other origins and calls without a key, and says how it is protected', async () => {
  const { key } = await makeKey();
  const send = (headers: Record<string, string>) =>
    fetch(`${gateway.url}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    });
  expect((await send({ authorization: `Bearer ${key}`, origin: 'https://evil.example' })).status).toBe(403);
  const refused = await send({});
  expect(await refused.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { data: { code: 'API_KEY_NEEDED' } } });
  const [, metadata = ''] = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? [];
  expect(await (await fetch(metadata)).json()).toMatchObject({
    resource: `${gateway.url}/mcp`,
    scopes_supported: ['read', 'write'],
  });
});

it('keeps the sessions of one key from another', async () => {
  const [mine, other] = [await makeKey(), await makeKey()];
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const post = (key: string, body: object, more: Record<string, string> = {}) =>
    fetch(`${gateway.url}/mcp`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${key}`, ...more },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }),
    });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } };
  const begun = await post(mine.key, { method: 'initialize', params });
  const session = { 'mcp-session-id': begun.headers.get('mcp-session-id')! };
  expect((await post(mine.key, { method: 'ping' }, session)).status).toBe(200);
  expect((await post(other.key, { method: 'ping' }, session)).status).toBe(404);
  expect((await post(other.key, { method: 'ping' })).status).toBe(400);
});

it('tributary mcp speaks on standard input and output, verifies answers itself, and keeps to its own cap', async () => {
  const { key, id } = await makeKey();
  const env = { TRIBUTARY_API_KEY: key, TRIBUTARY_HOME: join(network.folder, 'home') };
  const client = await stdioAgent(['--gateway', gateway.url, '--session-cap', '3'], env);
  agents.push(client);
  expect(await client.tools()).toEqual(expect.arrayContaining(['search', 'fetch', 'upsert_documents', 'budget']));
  const [first] = (await client.call('search', { query: QUESTION })).structured.results;
  const read = await client.call('fetch', { id: first!.id });
  expect(read.structured.metadata).toMatchObject({ verified: true, signer: owner() });
  expect((await client.call('verify_result', { receipt: read.structured.metadata.receipt })).structured.verified).toBe(true);
  expect(await client.call('query_index', { query: QUESTION, index: 'rivers' })).toMatchObject({
    isError: true,
    meta: { 'tributary/error': { status: expect.any(Number) } },
  });
  expect((await client.call('budget')).structured.session).toMatchObject({ spent: '3', left: '0' });
  expect(await spent(id)).toBe('3');
  const old = await stdioAgent(['--gateway', gateway.url], env, { era: '2025-11-25' });
  agents.push(old);
  expect((await old.call('list_indexes')).structured.indexes).toMatchObject([{ name: 'rivers' }]);
});

it('tributary mcp notices when a log went back between two sessions, and takes one that grew', async () => {
  const { key } = await makeKey();
  const data = join(network.folder, 'agent');
  const ask = async () => {
    const client = await stdioAgent(['--gateway', gateway.url, '--data', data], { TRIBUTARY_API_KEY: key });
    agents.push(client);
    return client.call('query_index', { query: QUESTION, index: 'rivers' });
  };
  expect((await ask()).structured.agreement.incomparable).toBe(0);
  await network.provider.store.index('rivers').upsert([{ id: 'late', text: 'The flood of the delta ends in June.' }]);
  expect((await ask()).isError).toBe(false);
  const heads = await openHeadStore(join(data, 'heads'));
  const { id } = network.provider.store.index('rivers').info();
  const seen = heads.get(id)!;
  await heads.replace(seen, { ...seen, size: seen.size + 1 });
  await heads.close();
  expect(await ask()).toMatchObject({ isError: true, meta: { 'tributary/error': { code: 'HEAD_ROLLBACK' } } });
});
