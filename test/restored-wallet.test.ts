// A client whose data folder was restored from a copy opens another channel: nothing is paid twice, no deposit is left
// behind.
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

const PRICE = 3n;
const GRANT = 1_000n;

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork({ price: { base: String(PRICE), perResult: '0', perKiB: '0' } });
});
afterAll(() => network.close());

it('a wallet restored from a copy gives up the channel with forgotten promises, and continues to pay', async () => {
  const home = join(network.folder, 'client');
  const copy = join(network.folder, 'copy');
  const open = () => network.client('client', network.provider.addresses()[0]!);
  const ask = async (client: Awaited<ReturnType<typeof open>>, times: number): Promise<void> => {
    for (let at = 0; at < times; at += 1) {
      const { answers } = await client.query({ text: 'stone bridge', index: 'rivers', mode: 'bm25', minRelevance: 0 });
      expect(answers[0]!.usage.charge).toBe(String(PRICE));
    }
  };
  let client = await open();
  await grant(network, client.wallet.address, GRANT);
  await ask(client, 2);
  await client.close();
  await cp(home, copy, { recursive: true });
  client = await open();
  await ask(client, 5);
  await client.close();
  await rm(home, { recursive: true });
  await cp(copy, home, { recursive: true });
  client = await open();
  await ask(client, 3);

  const totals = await client.wallet.totals();
  expect(totals).toMatchObject({ granted: GRANT, spent: 5n * PRICE, couldLose: 0n, channels: 1 });
  expect(totals.providers).toMatchObject([{ lost: { count: 1, amount: 0n } }]); // all that it remembers was answered
  const risk = network.provider.ledger.risk();
  expect(risk).toMatchObject({ spent: 7n * PRICE, charged: 3n * PRICE, uncovered: 0n, reserved: 0n, openChannels: 1 });
});
