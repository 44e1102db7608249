import { expect, test } from 'vitest';
import { INDEX, openGateway, OWNER } from '../../../test/_gateway.ts';
import { openKeys } from '../../../test/support/api-keys.ts';

const url = '/v1/credit';

test('says what is left with each provider on offer', async () => {
  const stranger = `${OWNER.slice(0, -1)}9`;
  const of = () =>
    Promise.resolve([
      { provider: OWNER, credit: 60n },
      { provider: stranger, credit: 5n },
    ]);
  const { gateway } = await openGateway({}, { credit: { payer: `0x${'ab'.repeat(20)}`, of } });
  const reply = await gateway.app.inject({ url, headers: { host: '127.0.0.1:1' } });
  expect(reply.json()).toEqual({ payer: `0x${'ab'.repeat(20)}`, budget: null, providers: [{ provider: OWNER, credit: '60' }] });
});

test('a key sees its own budget, and only the providers whose indexes it may ask', async () => {
  const keys = await openKeys();
  const budget = { total: '40', perDay: null };
  const [own, other] = await Promise.all([
    keys.make({ indexes: [INDEX], budget }),
    keys.make({ indexes: ['lakes@1f7c60124bd27efd2f45b1b0bb67c273'], budget }),
  ]);
  const { gateway } = await openGateway({}, { apiKeys: keys.ring });
  const ask = async (key: string) => {
    const reply = await gateway.app.inject({ url, headers: { host: 'gateway.example', authorization: `Bearer ${key}` } });
    return reply.json() as { budget: string; providers: object[] };
  };
  expect(await ask(own.key)).toMatchObject({ budget: '40', providers: [{ provider: OWNER, credit: '60' }] });
  expect(await ask(other.key)).toMatchObject({ budget: '40', providers: [] });
});
