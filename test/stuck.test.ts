// Situations that once left a wallet unable to pay an honest provider. After each of them the next question is answered
// and paid.
import type { Link, OpenClient } from '@tributary/client';
import { TributaryError } from '@tributary/schemas';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

const PRICE = 3n;

let network: TestNetwork;
let client: OpenClient;
let names = 0;
/** Breaks replies on their way back: an ask or a call by name, this many times. */
let cut: { what: string; times: number };

beforeAll(async () => {
  network = await startNetwork({ price: { base: String(PRICE), perResult: '0', perKiB: '0' } });
});
afterAll(() => network.close());
beforeEach(async () => {
  cut = { what: '', times: 0 };
  client = await network.client(`client-${(names += 1)}`, network.provider.addresses()[0]!);
  await grant(network, client.wallet.address, 200n);
  const dial = client.node.dial.bind(client.node);
  client.node.dial = async (target) => cutting(await dial(target));
});

/** A link whose replies are lost while the work behind them is done. */
function cutting(link: Link): Link {
  const lost = async <Reply>(what: string, reply: Promise<Reply>): Promise<Reply> => {
    const arrived = await reply;
    if (cut.what !== what || cut.times === 0) return arrived;
    cut.times -= 1;
    throw new TributaryError('LINK_CLOSED', 'the reply was lost');
  };
  return {
    ...link,
    ask: (head, body, wait) => lost('ask', link.ask(head, body, wait)),
    call: (method, params, wait) => lost(method, link.call(method, params, wait)),
  };
}

const ask = (text = 'stone bridge', signal?: AbortSignal) =>
  client.query({ text, index: 'rivers', mode: 'bm25', minRelevance: 0 }, signal ? { signal } : {});
/** The next question is answered, and both sides have booked the same. */
async function paysOn(): Promise<void> {
  const { answers } = await ask();
  expect(answers[0]!.usage.charge).toBe(String(PRICE));
  const totals = await client.wallet.totals();
  const account = network.provider.ledger.account(client.wallet.address);
  const charged = network.provider.ledger
    .channels()
    .filter(({ terms }) => terms.payer === client.wallet.address)
    .reduce((sum, channel) => sum + channel.charged, 0n);
  expect(totals.spent + totals.writtenOff).toBe(charged);
  expect(account).toMatchObject({ granted: 200n, locked: totals.locked });
}

it('a question longer than a request may be', async () => {
  const filter = { a: { $in: Array.from({ length: 5_000 }, (_, at) => String(at).padEnd(60, 'x')) } };
  await expect(client.query({ text: 'x', index: 'rivers', filter })).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' });
  expect((await client.wallet.totals()).couldLose).toBe(0n);
  await paysOn();
});

it('callers that hang up', async () => {
  await ask();
  for (const ms of [0, 1, 3, 6, 10]) {
    const controller = new AbortController();
    const given = ask('trout gravel', controller.signal).catch((error: unknown) => error);
    setTimeout(() => controller.abort(), ms);
    await given;
  }
  await paysOn();
});

it.each(['credit', 'openChannel', 'channelState'])('a reply to %s that is lost', async (what) => {
  if (what === 'channelState') {
    cut = { what: 'ask', times: 3 };
    await ask().catch((error: unknown) => error);
  }
  cut = { what, times: 1 };
  await expect(ask()).rejects.toMatchObject({ code: 'LINK_CLOSED' });
  await paysOn();
  expect((await client.wallet.totals()).channels).toBe(1);
});

it.each([
  ['an answer', 'stone bridge'],
  ['an empty answer', 'xylophone'],
])('%s that is lost as often as it is asked for', async (_, text) => {
  await ask();
  cut = { what: 'ask', times: 6 }; // three attempts, and the three repeats
  for (let at = 0; at < 3; at += 1) await expect(ask(text)).rejects.toMatchObject({ code: 'LINK_CLOSED' });
  await paysOn();
  // Once replies arrive again it is had after all, and its charge is no longer without an answer.
  const unanswered = async () => (await client.wallet.totals()).providers[0]!.unanswered.count;
  await expect.poll(unanswered, { timeout: 10_000 }).toBe(0);
  expect(await client.recovered()).toHaveLength(1);
  await paysOn();
});

it('a client that closes its channel gets the rest back, and continues to ask', async () => {
  await ask();
  const [channel] = (await client.wallet.totals()).providers[0]!.channels;
  expect(await client.closeChannel(channel!)).toBe(96n - PRICE);
  expect(network.provider.ledger.account(client.wallet.address)).toMatchObject({ available: 197n, locked: 0n, spent: PRICE });
  await paysOn();
});
