// kill -9 of a client and of a gateway at random points of paid questions: what the provider charged is what their
// callers got or can get. `DELIVERY_KILLS` sets the number of kills of each, `DELIVERY_SEED` when they happen.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askNode } from '@tributary/relay/local';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openWorkplace, writeFolder, type Running, type Workplace } from './_processes.ts';

const KILLS = Number(process.env['DELIVERY_KILLS'] ?? 3);
const SEED = Number(process.env['DELIVERY_SEED'] ?? 1);
const KILL_AFTER_MS = { least: 50, most: 900 };
const AT_ONCE = 6;
const SETTLED_MS = 60_000;
const buyer = fileURLToPath(new URL('_buyer.ts', import.meta.url));

let place: Workplace;
let address: string;
beforeAll(async () => {
  place = await openWorkplace();
  const documents = await writeFolder(join(place.folder, 'documents'), {
    'spring.md': '# Floods\n\nThe spring flood of the delta begins in April.',
    'ferry.md': '# Ferries\n\nThe ferry runs every twenty minutes.',
  });
  const provider = place.start(['provide', documents, '--index', 'rivers', '--price', '3', '--publish']);
  address = (await provider.says(/(\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+)/))[1]!;
  await provider.says(/^serving rivers@/m);
}, 180_000);
afterAll(() => place.close());

/** Linear congruential generator (Numerical Recipes): equal seeds kill at equal times. */
let state = SEED;
const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
const pause = () => {
  const { least, most } = KILL_AFTER_MS;
  return new Promise((resolve) => setTimeout(resolve, least + random() * (most - least)));
};
/** What the provider charged the payer, over all its channels. */
const charged = async (payer: string) => {
  const { channels } = (await askNode(join(place.folder, 'home', 'provider'), 'channels')) as {
    channels: { payer: string; charged: string }[];
  };
  return channels.filter((one) => one.payer === payer).reduce((sum, one) => sum + Number(one.charged), 0);
};
const grant = async (payer: string) => expect((await place.run('credit', 'grant', payer, '100000')).code).toBe(0);
const sum = (got: Map<string, number>) => [...got.values()].reduce((total, charge) => total + charge, 0);

it('of a client: each charge is an answer that it printed, or that its successor recovers', { timeout: 600_000 }, async () => {
  const got = new Map<string, number>();
  const directory = join(place.folder, 'buyer');
  const read = (out: string) => {
    for (const [, receipt = '', charge = ''] of out.matchAll(/^got (\w+) (\d+)$/gm)) got.set(receipt, Number(charge));
  };
  const start = (work: string) => place.start([work, directory, address], buyer);
  const [, payer = ''] = (await start('recovered').ended).out.match(/^wallet (\S+)$/m)!;
  await grant(payer);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const running = start('ask');
    await running.says(/^wallet /m);
    if (kill % 2 === 0) await running.says(/^got /m); // also while the first is on its way
    await pause();
    read((await running.kill('SIGKILL')).out);
  }
  const { out } = await start('recovered').ended;
  read(out);
  const [, spent, lost] = out.match(/^books (\d+) (\d+)$/m)!;
  expect(await charged(payer)).toBeGreaterThan(0);
  expect({ spent: Number(spent), lost: Number(lost), got: sum(got) }).toEqual({
    spent: await charged(payer),
    lost: 0,
    got: await charged(payer),
  });
});

it('of a gateway: each charge was replied, is under its key, or is listed', { timeout: 600_000 }, async () => {
  const got = new Map<string, number>();
  const unanswered = new Set<string>();
  let gateway: Running;
  let url = '';
  const start = async () => {
    gateway = place.start(['gateway', '--port', '0', '--bootstrap', address]);
    url = (await gateway.says(/^gateway at (\S+)$/m))[1]!;
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeout: SETTLED_MS, interval: 100 });
  };
  const ask = async (key: string | null): Promise<boolean> => {
    const body = JSON.stringify({ query: 'spring flood', index: 'rivers', mode: 'bm25', minRelevance: 0 });
    const headers = { 'content-type': 'application/json', ...(key === null ? {} : { 'x-idempotency-key': key }) };
    try {
      const reply = await fetch(`${url}/v1/query`, { method: 'POST', headers, body });
      if (!reply.ok) return false;
      const { usage } = (await reply.json()) as { usage: { receipt: string; charge: string } };
      got.set(usage.receipt, Number(usage.charge));
      return true;
    } catch {
      return false;
    }
  };
  const worker = async (named: boolean) => {
    for (;;) {
      const key = named ? randomUUID() : null;
      if (key !== null) unanswered.add(key);
      if (!(await ask(key))) return;
      if (key !== null) unanswered.delete(key);
    }
  };
  await start();
  const [, payer = ''] = await gateway!.says(/^ {2}wallet (\S+)$/m);
  await grant(payer);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const workers = Promise.all(Array.from({ length: AT_ONCE }, (_, at) => worker(at % 2 === 0)));
    await pause();
    await gateway!.kill('SIGKILL');
    await workers;
    await start();
  }
  for (const key of unanswered) await expect.poll(() => ask(key), { timeout: SETTLED_MS, interval: 300 }).toBe(true);
  const recovered = async () => {
    const { answers } = (await (await fetch(`${url}/v1/recovered`)).json()) as { answers: { receipt: string; charge: string }[] };
    for (const { receipt, charge } of answers) got.set(receipt, Number(charge));
    return (await charged(payer)) - sum(got);
  };
  expect(await charged(payer)).toBeGreaterThan(0);
  await expect.poll(recovered, { timeout: SETTLED_MS, interval: 500 }).toBe(0);
  const { spent, writtenOff } = (await askNode(join(place.folder, 'home', 'gateway'), 'balance')) as Record<string, string>;
  expect([Number(spent), Number(writtenOff)]).toEqual([await charged(payer), 0]);

  const folder = join(place.folder, 'saved');
  const saved = await place.run('recovered', '--gateway', url, '--save', folder, '--json');
  const listed = JSON.parse(saved.out) as { receipt: string; file: string }[];
  for (const { receipt, file } of listed) {
    expect(file).toBe(join(folder, `${receipt}.json`));
    expect((await place.run('verify', file)).code).toBe(2); // verified, with keys that are in no trust file
  }
  const { out } = await place.run('recovered', '--gateway', url);
  expect(out).toBe('every answer that was paid reached its caller\n');
});
