import { expect, it } from 'vitest';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { countToday, createWalletState, dropChannel, isLeft, loseChannel, startChannel, tallyOf, today } from './state.ts';

const address = `0x${'1'.repeat(40)}`;
const network = { id: 'tributary:test', chainId: 0, verifyingContract: address };
const payee = { did: 'did:key:test', receiptSigner: address, payee: address, network, maxInFlight: 8 };
const noon = Date.UTC(2026, 10, 29, 12);
const dayMs = 86_400_000;

function stateWithChannel() {
  const state = createWalletState({ channels: [], tallies: [], day: { day: '', signed: 0n, spent: 0n }, forgotten: [] });
  const channel = startChannel(state, payee, { payer: address, voucherSigner: address, salt: ZERO_HASH });
  Object.assign(channel, { deposit: 200n, asked: 200n, signed: 100n, acked: 40n });
  return { state, channel };
}

const closedAt = (channel: string, chargedTotal: string) => ({
  newest: 0,
  state: {
    channel,
    deposit: '200',
    sequence: 1,
    chargedTotal,
    receiptHash: ZERO_HASH,
    closed: true,
    nonce: ZERO_HASH,
    signature: '',
  },
});

it.each([
  ['less than was acknowledged', '10', 0n],
  ['what was acknowledged', '40', 0n],
  ['a part of what was signed', '70', 30n],
  ['all that was signed', '100', 60n],
  ['more than was signed', '500', 60n],
])('a lost channel that is closed with %s leaves that as its loss', (_, chargedTotal, loss) => {
  const { state, channel } = stateWithChannel();
  loseChannel(state, channel, noon);
  expect(tallyOf(state, payee).lost).toEqual({ count: 1, amount: 60n });
  dropChannel(state, channel, closedAt(channel.channel, chargedTotal), noon);
  expect(tallyOf(state, payee)).toMatchObject({ lost: { count: 1, amount: loss }, charged: BigInt(chargedTotal) });
  expect([state.closed.has(channel.channel), isLeft(state, channel)]).toEqual([true, true]);
});

it('a channel that was not lost leaves no loss when it is closed', () => {
  const { state, channel } = stateWithChannel();
  dropChannel(state, channel, closedAt(channel.channel, '40'), noon);
  expect(tallyOf(state, payee).lost).toEqual({ count: 0, amount: 0n });
});

it('counts by days of UTC, and begins each with nothing', () => {
  const { state } = stateWithChannel();
  countToday(state, noon, { signed: 5n });
  countToday(state, noon + dayMs / 2 - 1, { signed: 2n, spent: 3n });
  expect(today(state, noon)).toEqual({ day: '2026-11-29', signed: 7n, spent: 3n });
  expect(today(state, noon + dayMs / 2)).toEqual({ day: '2026-11-30', signed: 0n, spent: 0n });
});

it('starts no new day when the clock is set back', () => {
  const { state } = stateWithChannel();
  countToday(state, noon, { signed: 5n });
  countToday(state, noon + dayMs, { signed: 1n });
  countToday(state, noon, { signed: 2n });
  expect(today(state, noon)).toEqual({ day: '2026-11-30', signed: 3n, spent: 0n });
  expect(today(state, noon + 2 * dayMs).signed).toBe(0n);
});
