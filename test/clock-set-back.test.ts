// A buyer whose clock is set back between its question and the answer, over real sockets: the answer is dated in its
// future and refused, and it is had, once paid, when the clock is right again.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OpenClient } from '@tributary/client';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

const PRICE = 3n;
const JUMP_MS = 9 * 86_400_000;
const QUESTION = { text: 'flood in April', index: 'rivers', mode: 'bm25' as const, topK: 1, minRelevance: 0 };
let network: TestNetwork;
let client: OpenClient;
let offMs: number;
beforeEach(async () => {
  offMs = 0;
  network = await startNetwork({ price: String(PRICE) });
  client = await network.client('buyer', network.provider.addresses()[0]!, { now: () => Date.now() - offMs });
  await grant(network, client.wallet.address);
  await client.query(QUESTION);
});
afterEach(() => network.close());

/** Sets the buyer's clock back when the provider has charged the next answers. */
function setBackAtCharge(): void {
  const { ledger } = network.provider;
  const settle = ledger.settle.bind(ledger);
  ledger.settle = async (...args) => {
    const receipt = await settle(...args);
    offMs = JUMP_MS;
    return receipt;
  };
}

it.each([[undefined], ['a-key']])('an answer that is refused with CLOCK_FUTURE is recovered (key: %s)', async (key) => {
  setBackAtCharge();
  const keyed = key === undefined ? {} : { key };
  await expect(client.query(QUESTION, keyed)).rejects.toMatchObject({ code: 'CLOCK_FUTURE' });
  await expect(client.query(QUESTION, keyed)).rejects.toMatchObject({ code: expect.any(String) });
  expect(await client.recovered()).toEqual([]);
  offMs = 0;
  if (key === undefined) {
    const [answer, ...others] = await client.recovered();
    expect(others).toEqual([]);
    expect(await answer!.results()).toMatchObject([{ text: expect.stringContaining('flood') }]);
  } else expect((await client.query(QUESTION, { key })).results).toMatchObject([{ text: expect.stringContaining('flood') }]);
  const { spent, writtenOff } = await client.wallet.totals();
  expect([spent, writtenOff, network.provider.ledger.risk().charged]).toEqual([2n * PRICE, 0n, 2n * PRICE]);
});
