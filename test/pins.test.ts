// With trust, unpinned keys are refused over libp2p: log and payee before anything is signed, signers before anything
// is returned.
import type { ProviderIdentity, Trust } from '@tributary/schemas';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

const question = { text: 'when does the flood begin', index: 'rivers', topK: 2, minRelevance: 0 };
let network: TestNetwork;
let address: string;
let identity: ProviderIdentity;
beforeAll(async () => {
  network = await startNetwork({ price: { base: '3' } });
  address = network.provider.addresses()[0]!;
  const plain = await network.client('plain', address);
  identity = plain.offers()[0]!.identity;
});
afterAll(() => network.close());

const trustOf = (change: Partial<Trust> = {}): Trust => ({
  v: 1,
  type: 'tributary/trust',
  signers: [identity.did],
  logs: [identity.did],
  payees: [identity.payee],
  witnesses: [],
  quorum: 0,
  ...change,
});

it.each([
  ['LOG_UNPINNED', 'logs'],
  ['PAYEE_UNPINNED', 'payees'],
] as const)('%s before a voucher is signed', async (code, member) => {
  const client = await network.client(member, address, { trust: trustOf({ [member]: [] }) });
  await grant(network, client.wallet.address);
  const quoted: bigint[] = [];
  const asked = client.query(question, { onQuote: ({ most }) => quoted.push(most) });
  await expect(asked).rejects.toMatchObject({ code });
  expect(await client.wallet.totals()).toMatchObject({ spentToday: 0n, couldLose: 0n });
  expect(quoted).toEqual([]);
});

it('SIGNER_UNPINNED: nothing is returned, yet the books agree, and the next question with the right trust succeeds', async () => {
  const strict = await network.client('signer', address, { trust: trustOf({ signers: [] }) });
  await grant(network, strict.wallet.address);
  await expect(strict.query(question)).rejects.toMatchObject({ code: 'SIGNER_UNPINNED' });
  expect(await strict.wallet.totals()).toMatchObject({ spentToday: 3n, couldLose: 0n });
  await strict.close();
  const again = await network.client('signer', address, { trust: trustOf() });
  expect(await again.query(question)).toMatchObject({ pinned: true, unpinned: [], usage: { charge: '3', unit: 'credit' } });
  expect(await again.wallet.totals()).toMatchObject({ spentToday: 6n, couldLose: 0n });
});

it('without trust, the outcome says what is unpinned', async () => {
  const client = await network.client('open', address);
  await grant(network, client.wallet.address);
  const { pinned, unpinned } = await client.query(question);
  expect(pinned).toBe(false);
  expect(unpinned.map(({ code }) => code).toSorted()).toEqual(['LOG_UNPINNED', 'PAYEE_UNPINNED', 'SIGNER_UNPINNED']);
});
