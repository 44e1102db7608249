// kill -9 of a gateway while two keys have paid questions in flight. Each account settles its own, and is charged
// exactly what the provider booked on its channel.
import { join } from 'node:path';
import { askNode } from '@tributary/relay/local';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openWorkplace, writeFolder, type Running, type Workplace } from './_processes.ts';

const RECOVERED_MS = 20_000;

let place: Workplace;
let provider: Running;
let gateway: Running;
let url: string;

const data = (role: string) => join(place.folder, 'home', role);
const startGateway = async () => {
  gateway = place.start(['gateway', '--port', '0']);
  url = (await gateway.says(/^gateway at (\S+)$/m))[1]!;
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeout: RECOVERED_MS, interval: 200 });
};

beforeAll(async () => {
  place = await openWorkplace();
  const documents = await writeFolder(join(place.folder, 'documents'), { 'spring.md': '# Floods\n\nThe flood begins in April.' });
  provider = place.start(['provide', documents, '--index', 'rivers', '--price', '3', '--publish']);
  await provider.says(/^serving rivers@/m);
  await startGateway();
  const [, payer = ''] = await gateway.says(/^ {2}wallet (\S+)$/m);
  expect((await place.run('credit', 'grant', payer, '100000')).code).toBe(0);
});
afterAll(() => place.close());

async function ask(key: string): Promise<boolean> {
  const body = JSON.stringify({ query: 'flood', index: 'rivers', mode: 'bm25', minRelevance: 0 });
  const headers = { 'content-type': 'application/json', 'api-key': key };
  try {
    return (await fetch(`${url}/v1/query`, { method: 'POST', headers, body })).ok;
  } catch {
    return false;
  }
}

interface Listed {
  keys: { id: string; account: { spent: string; writtenOff: string; couldLose: string } }[];
}
const accounts = async () => (await (askNode(data('gateway'), 'keyList') as Promise<Listed>)).keys.map(({ account }) => account);
const couldLose = async () => (await accounts()).map((one) => BigInt(one.couldLose));
/** What the provider charged on each open channel, sorted. */
const charged = async () => {
  const { channels } = (await askNode(data('provider'), 'channels')) as { channels: { charged: string }[] };
  return channels.map((one) => Number(one.charged)).toSorted((a, b) => a - b);
};

it('each account is charged what was booked on its own channel, and nothing twice', async () => {
  const made = async () => {
    const { out } = await place.run('key', 'create', '--data', data('gateway'), '--json');
    return (JSON.parse(out) as { key: string }).key;
  };
  const [a, b] = [await made(), await made()];
  for (const key of [a, a, a, a, b]) expect(await ask(key)).toBe(true);
  const worker = async (key: string) => {
    while (await ask(key));
  };
  const workers = Promise.all([a, a, a, b].map(worker));
  await expect.poll(async () => (await charged()).at(-1), { timeout: RECOVERED_MS, interval: 20 }).toBeGreaterThan(30);
  process.kill(provider.pid, 'SIGSTOP');
  await expect.poll(async () => (await couldLose()).every((amount) => amount > 0n), { timeout: RECOVERED_MS }).toBe(true);
  await gateway.kill('SIGKILL');
  await workers;
  process.kill(provider.pid, 'SIGCONT');
  await startGateway();
  for (const key of [a, b]) await expect.poll(() => ask(key), { timeout: RECOVERED_MS, interval: 500 }).toBe(true);
  const paid = (await accounts()).map(({ spent, writtenOff }) => Number(spent) + Number(writtenOff));
  expect(paid.toSorted((x, y) => x - y)).toEqual(await charged());
  expect(paid[0]).toBeGreaterThan(paid[1]!);
});
