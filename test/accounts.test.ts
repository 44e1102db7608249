// Each API key of a gateway pays from an account of its own. What one of them used up at a provider is still available
// to the others.
import { join } from 'node:path';
import { type GatewayNode, type ListedKey } from '@tributary/relay';
import { askNode } from '@tributary/relay/local';
import type { ApiKeyTerms } from '@tributary/schemas';
import { afterEach, expect, it } from 'vitest';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

const PRICE = 3n;
const TEXTS = ['flood in April', 'ferry cars', 'trout gravel', 'stone bridge', 'water mill'];

let network: TestNetwork;
let gateway: GatewayNode;
afterEach(() => network.close());

async function open(policy: object, granted: bigint): Promise<void> {
  network = await startNetwork({ price: String(PRICE), ...policy });
  gateway = await network.gateway();
  await gateway.client.refresh();
  await grant(network, gateway.payer, granted);
}

const admin = <T>(method: string, params: object = {}) => askNode(join(network.folder, 'gateway'), method, params) as Promise<T>;
const keys = async () => (await admin<{ keys: (ListedKey & { account: Record<string, string> | null })[] }>('keyList')).keys;
const accountOf = async (id: string) => (await keys()).find((one) => one.id === id)!.account;

async function makeKey(terms: Partial<ApiKeyTerms> = {}): Promise<{ key: string; id: string }> {
  const budget = { total: null, perDay: null };
  const any = { name: 'test', permissions: ['read'], indexes: ['*'], budget, rate: null, writer: null, expiresAt: null };
  const { key, info } = await admin<{ key: string; info: { id: string } }>('keyCreate', { ...any, ...terms });
  return { key, id: info.id };
}

/** Asks for one record. Returns 'ok' or the code of the refusal. */
async function ask({ key }: { key: string }, at: number): Promise<string> {
  const body = JSON.stringify({ query: TEXTS[at % TEXTS.length], index: 'rivers', mode: 'bm25', topK: 1, minRelevance: 0 });
  const headers = { 'content-type': 'application/json', 'api-key': key };
  const reply = await fetch(`${gateway.url}/v1/query`, { method: 'POST', headers, body });
  return reply.ok ? 'ok' : ((await reply.json()) as { error: { code: string } }).error.code;
}
const askAll = async (key: { key: string }, count: number) => {
  const codes = [];
  for (let at = 0; at < count; at++) codes.push(await ask(key, at));
  return codes;
};

it('a key that has seen what one channel may see leaves the others their exposure', async () => {
  await open({ exposurePerChannel: 2 }, 1_000n);
  const [a, b] = [await makeKey(), await makeKey()];
  expect(await askAll(a, 3)).toEqual(['ok', 'ok', 'EXPOSURE_CAP']);
  expect(await askAll(b, 3)).toEqual(['ok', 'ok', 'EXPOSURE_CAP']);
});

it('a key that used up the rate of a provider leaves the others theirs', async () => {
  await open({ queriesPerMinute: 3 }, 1_000n);
  const [a, b] = [await makeKey(), await makeKey()];
  expect(await askAll(a, 4)).toEqual(['ok', 'ok', 'ok', 'RATE_LIMITED']);
  expect(await askAll(b, 4)).toEqual(['ok', 'ok', 'ok', 'RATE_LIMITED']);
});

it('a key locks no more of the credit than its budget, so that one who spent it leaves the others the rest', async () => {
  await open({}, 20n);
  const a = await makeKey({ budget: { total: '7', perDay: null } });
  const b = await makeKey({ budget: { total: null, perDay: '13' } });
  expect(await askAll(a, 3)).toEqual(['ok', 'ok', 'API_KEY_BUDGET']);
  expect(await accountOf(a.id)).toMatchObject({ channels: 1, spent: '6', locked: '7' });
  expect(await askAll(b, 5)).toEqual(['ok', 'ok', 'ok', 'ok', 'API_KEY_BUDGET']);
  expect(await accountOf(b.id)).toMatchObject({ channels: 1, spent: '12', locked: '12' });
  expect(await admin('balance')).toMatchObject({
    payer: gateway.payer,
    granted: '20',
    spent: '18',
    locked: '19',
    channels: 2,
    accounts: [
      { key: a.id, spent: '6' },
      { key: b.id, spent: '12' },
    ],
  });
});

it('a rotated key keeps its account; a revoked or expired one gives the rest back', async () => {
  await open({}, 1_000n);
  const budget = { total: '100', perDay: null };
  const [a, b] = [await makeKey({ budget }), await makeKey({ budget })];
  await ask(a, 0);
  const channels = () => network.provider.ledger.channels().filter(({ closed }) => !closed);
  expect(channels()).toHaveLength(1);
  const { key } = await admin<{ key: string }>('keyRotate', { id: a.id });
  expect([await ask(a, 1), await ask({ key }, 1), await ask(b, 1)]).toEqual(['API_KEY_INVALID', 'ok', 'ok']);
  expect(channels()).toHaveLength(2);
  const account = () => network.provider.ledger.account(gateway.payer);
  expect(account()).toMatchObject({ spent: 0n, locked: 192n });
  await admin('keyRevoke', { id: a.id });
  await expect.poll(() => channels().length, { timeout: 10_000 }).toBe(1);
  expect(account()).toMatchObject({ spent: 6n, locked: 96n, available: 1_000n - 102n });
  await expect.poll(() => accountOf(a.id)).toMatchObject({ channels: 0, spent: '6', locked: '0', couldLose: '0' });
  expect(await ask(b, 2)).toBe('ok');
});

it('the caps of the gateway hold for all keys together, and over a restart', async () => {
  await open({}, 1_000n);
  const [a, b] = [await makeKey(), await makeKey()];
  await askAll(a, 2);
  await gateway.close();
  gateway = await network.gateway({ caps: { perDay: 4n * PRICE } });
  await gateway.client.refresh();
  expect(await askAll(b, 3)).toEqual(['ok', 'ok', 'SPEND_CAP']);
  expect(await ask(a, 3)).toBe('SPEND_CAP');
});
