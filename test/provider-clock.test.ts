// A provider that was started while its clock was ahead: once the clock is right, it sells again at once. Nobody takes
// offers and an identity that were issued in the future.
import { afterEach, expect, it, vi } from 'vitest';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

const HOUR_MS = 3_600_000;
const QUESTION = { text: 'flood in April', index: 'rivers', mode: 'bm25' as const, topK: 1, minRelevance: 0 };
let network: TestNetwork | null = null;
afterEach(async () => {
  vi.restoreAllMocks();
  await network?.close();
});

it.each([13, 24 * 60])('by %d hours', async (hours) => {
  let aheadMs = hours * HOUR_MS;
  const rightNow = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => rightNow() + aheadMs);
  network = await startNetwork({ price: '3' });
  aheadMs = 0;
  const client = await network.client('buyer', network.provider.addresses()[0]!);
  await grant(network, client.wallet.address);
  const asked = async () => {
    await client.refresh();
    return (await client.query(QUESTION).catch(() => null))?.results.length;
  };
  await expect.poll(asked, { timeout: 10_000 }).toBe(1);
});
