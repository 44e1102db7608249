// kill -9 of either side during paid queries: the same tickets are asked again, nobody pays twice, and both sides'
// totals agree to the unit.
import { join } from 'node:path';
import { askNode } from '@tributary/relay/local';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { openWorkplace, writeFolder, type Running, type Workplace } from './_processes.ts';

const PRICE = 3n;
const IN_FLIGHT = 8;
/** Queries that must be answered before the kill, so that all eight connections are in use. */
const WARM = 24;
const RECOVERED_MS = 20_000;
const SYNCED_MS = 1_000;

let place: Workplace;
let provider: Running;
let gateway: Running;
let url: string;

const startProvider = async () => {
  provider = place.start([
    'provide',
    join(place.folder, 'documents'),
    '--index',
    'rivers',
    '--price',
    String(PRICE),
    '--publish',
  ]);
  await provider.says(/^serving rivers@/m);
};
const startGateway = async () => {
  gateway = place.start(['gateway', '--port', '0']);
  url = (await gateway.says(/^gateway at (\S+)$/m))[1]!;
};
const gatewayIsReady = () =>
  vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeout: RECOVERED_MS, interval: 200 });

beforeAll(async () => {
  place = await openWorkplace();
  const text = '# Floods\n\nThe spring flood of the delta begins in April.';
  await writeFolder(join(place.folder, 'documents'), {
    'spring.md': text,
    'ferry.md': '# Ferries\n\nThe ferry runs every twenty minutes.',
  });
  await Promise.all([startProvider(), startGateway()]);
  await gatewayIsReady();
  const [, payer = ''] = await gateway.says(/^ {2}wallet (\S+)$/m);
  expect((await place.run('credit', 'grant', payer, '100000')).code).toBe(0);
});
afterAll(() => place.close());

interface Tally {
  asked: number;
  charged: bigint;
  failed: number;
}
let tally: Tally;
beforeEach(() => {
  tally = { asked: 0, charged: 0n, failed: 0 };
});

/** Asks once over HTTP; an answer counts with its charge, anything else as failed. */
async function ask(): Promise<boolean> {
  tally.asked += 1;
  const body = JSON.stringify({ query: 'spring flood', index: 'rivers', mode: 'bm25', minRelevance: 0 });
  const headers = { 'content-type': 'application/json' };
  try {
    const reply = await fetch(`${url}/v1/query`, { method: 'POST', headers, body });
    if (!reply.ok) throw new Error(`status ${reply.status}`);
    const { usage } = (await reply.json()) as { usage: { charge: string } };
    tally.charged += BigInt(usage.charge);
    return true;
  } catch {
    tally.failed += 1;
    return false;
  }
}

/**
 * Eight at a time until the victim is gone. Each worker stops at its first failure. The provider is frozen first, so
 * that tickets are certainly open.
 */
async function askUntilKilled(victim: Running): Promise<void> {
  const worker = async () => {
    while (await ask());
  };
  const workers = Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  await expect.poll(() => tally.asked, { timeout: RECOVERED_MS, interval: 5 }).toBeGreaterThan(WARM);
  process.kill(provider.pid, 'SIGSTOP');
  await expect.poll(async () => BigInt((await balance('gateway'))['couldLose']!), { timeout: RECOVERED_MS }).toBeGreaterThan(0n);
  // What could be lost counts from before it is synced and sent. No reply comes any more, so all of it is soon on disk.
  await new Promise((resolve) => setTimeout(resolve, SYNCED_MS));
  await victim.kill('SIGKILL');
  await workers;
}

const balance = (role: string) => askNode(join(place.folder, 'home', role), 'balance') as Promise<Record<string, string>>;

/** The provider's charges before and now, and the gateway's view, once a question was answered again. */
async function recovered() {
  await expect.poll(ask, { timeout: RECOVERED_MS, interval: 500 }).toBe(true);
  const [spent, earned] = await Promise.all([balance('gateway'), balance('provider')]);
  return { spent: BigInt(spent['spentToday']!), couldLose: spent['couldLose'], charged: BigInt(earned['charged']!) };
}

it('a provider killed with eight paid queries in flight charges none of them twice', async () => {
  const before = BigInt((await balance('provider'))['charged']!);
  await askUntilKilled(provider);
  expect(tally.failed).toBeGreaterThan(0);
  expect(BigInt((await balance('gateway'))['couldLose']!)).toBeGreaterThan(0n); // the lost tickets are still open
  await startProvider();
  const { spent, couldLose, charged } = await recovered();
  // Vouchers of tickets that were never charged
  expect(BigInt(couldLose!)).toBeLessThanOrEqual(BigInt(IN_FLIGHT) * PRICE);
  expect(spent).toBe(charged); // receipts of the client = charges booked by the ledger
  expect(charged - before).toBeGreaterThanOrEqual(tally.charged);
  expect(charged - before).toBeLessThanOrEqual(BigInt(tally.asked) * PRICE);
});

it('a gateway killed with open tickets settles them after its restart, and its books agree with the provider’s', async () => {
  await ask(); // the link to the restarted provider is up
  const before = BigInt((await balance('provider'))['charged']!);
  tally = { asked: 0, charged: 0n, failed: 0 };
  await askUntilKilled(gateway);
  await startGateway();
  expect(BigInt((await balance('gateway'))['couldLose']!)).toBeGreaterThan(0n); // kept on disk across the kill
  process.kill(provider.pid, 'SIGCONT');
  await gatewayIsReady();
  const { spent, couldLose, charged } = await recovered();
  expect(BigInt(couldLose!)).toBeLessThanOrEqual(BigInt(IN_FLIGHT) * PRICE);
  expect(spent).toBe(charged);
  expect(charged - before).toBeGreaterThanOrEqual(tally.charged);
  expect(charged - before).toBeLessThanOrEqual(BigInt(tally.asked) * PRICE);
});
