// A provider whose clock jumps while it answers: the receipt is dated when the question was admitted. No client
// accepts another date, and the answer is charged.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { answered, openTestIndex, openTestProvider, type TestIndex, type TestProvider } from './support/provider-fixture.ts';

const DAY_MS = 86_400_000;
let shared: TestIndex;
let provider: TestProvider;
beforeAll(async () => {
  shared = await openTestIndex();
});
beforeEach(async () => {
  provider = await openTestProvider(shared);
});
afterEach(() => provider.close());
afterAll(() => shared.close());

/** Sets the clock between the answer and its charge. */
function jumpAtSettling(ms: number): void {
  const { ledger } = provider;
  const settle = ledger.settle.bind(ledger);
  ledger.settle = (...args) => {
    provider.clock.advance(ms);
    return settle(...args);
  };
}

it.each([9 * DAY_MS, -9 * DAY_MS])('%d ms between a paid answer and its charge', async (ms) => {
  const alice = await provider.payingClient();
  const asked = provider.clock.now();
  jumpAtSettling(ms);
  const { receipt } = answered(await alice.ask(provider.question(1)));
  expect([receipt.servedAt, receipt.status]).toEqual([asked, 'ok']);
});

it('a free answer', async () => {
  await provider.setPolicy({ price: { base: '0', perResult: '0', perKiB: '0' } });
  const alice = await provider.payingClient();
  const asked = provider.clock.now();
  const resume = provider.pause();
  const asking = alice.ask(provider.question(1), { payment: null, offer: provider.offer.hash });
  await expect.poll(provider.searches).toBe(1);
  provider.clock.advance(-9 * DAY_MS);
  resume();
  expect(answered(await asking).receipt.servedAt).toBe(asked);
});

it('an offer that expires before the charge', async () => {
  const alice = await provider.payingClient();
  const { expiry } = provider.offer.offer;
  provider.clock.advance(expiry - provider.clock.now() - 1);
  jumpAtSettling(1);
  expect(answered(await alice.ask(provider.question(1))).receipt.servedAt).toBeLessThan(expiry);
});
