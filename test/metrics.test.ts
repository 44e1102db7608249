// The metrics of a running provider count what its clients got: answers, charges, and refusals by code.
import { askNode } from '@tributary/relay/local';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork({ price: { base: '3' }, queriesPerMinute: 2 });
});
afterAll(() => network.close());

it('answers, charges, refusals by code, and money', async () => {
  const client = await network.client('client', network.provider.addresses()[0]!);
  await grant(network, client.wallet.address, 500n);
  const ask = () => client.query({ text: 'when does the flood begin', index: 'rivers', topK: 1, minRelevance: 0, mode: 'bm25' });
  await ask();
  await ask();
  await expect(ask()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  const index = network.provider.store.index('rivers').info().id;
  const { text } = (await askNode(network.providerData, 'metrics')) as { text: string };
  expect(text.split('\n')).toEqual(
    expect.arrayContaining([
      `tributary_provider_answers_total{index="${index}",status="ok",again="false"} 2`,
      `tributary_provider_charged_total{index="${index}"} 6`,
      `tributary_provider_records_shown_total{index="${index}",to="paid"} 2`,
      'tributary_provider_refusals_total{code="RATE_LIMITED"} 1',
      'tributary_provider_credit{state="granted"} 500',
      'tributary_provider_credit{state="charged"} 6',
      'tributary_provider_open_channels 1',
    ]),
  );
});
