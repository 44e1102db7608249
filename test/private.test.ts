// Private by default: nothing is announced, and only the owner finds or asks the index, over real sockets.
import { randomBytes } from 'node:crypto';
import { openKeys } from '@tributary/relay/local';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startNetwork, type TestNetwork } from './_network.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork({ price: 7 }, { publish: false });
});
afterAll(() => network.close());

const question = { text: 'when does the flood begin', index: 'rivers', minRelevance: 0 };
const address = () => network.provider.addresses()[0]!;

it('a stranger neither sees the index nor learns that it exists, even with its id', async () => {
  const stranger = await network.client('stranger', address());
  expect(stranger.offers()).toEqual([]);
  const { id } = network.provider.store.index('rivers').info();
  const link = await stranger.node.dial(address());
  const known = await link.call('snapshot', { index: id, manifest: '0'.repeat(64) }).catch((error: unknown) => error);
  const unknown = await link
    .call('snapshot', { index: id.replace('rivers', 'lakes'), manifest: '0'.repeat(64) })
    .catch((error: unknown) => error);
  expect(known).toMatchObject({ code: 'INDEX_NOT_FOUND' });
  expect(unknown).toMatchObject({ code: 'INDEX_NOT_FOUND' });
});

it('its owner asks it free of charge, with a proof', async () => {
  const keys = await openKeys(network.providerData, randomBytes);
  const owner = await network.client('owner', address(), { ownerSeed: keys.owner.seed });
  const { results, answers } = await owner.query(question);
  expect(results[0]).toMatchObject({ verified: true, source: { document: 'spring.md' } });
  expect(answers[0]!.usage.charge).toBe('0');
});

it('publishing lists it, and taking it back hides it again', async () => {
  const client = await network.client('client', address());
  await network.provider.publish('rivers');
  await client.refresh();
  expect(client.offers().map(({ offer }) => offer.index.split('@')[0])).toEqual(['rivers']);
  await network.provider.unpublish('rivers');
  await client.refresh();
  expect(client.offers()).toEqual([]);
});
