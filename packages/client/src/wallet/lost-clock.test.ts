// Lost answers and a clock that is wrong for a while: what was charged is asked for once the clock is right.
import { ProofError } from '@tributary/proof';
import { TributaryError } from '@tributary/schemas';
import { beforeEach, expect, it } from 'vitest';
import {
  advance,
  again,
  ask,
  disk,
  lose,
  MINUTE_MS,
  never,
  open,
  openPayer,
  provider,
  restart,
  setClock,
  shop,
  wallet,
} from './payer.suite.ts';
import type { Wanted } from './wallet.ts';

const DAY_MS = 86_400_000;
const charged: Wanted = () => false;
beforeEach(openPayer);

const ahead = async () => {
  throw new ProofError('CLOCK_FUTURE', 'a signed time is ahead of this clock');
};
const later = async () => 'later' as const;
const resync = (askAgain: Parameters<typeof wallet.resync>[2]) => wallet.resync(shop.payee, shop.ledger, askAgain, charged);

it('an answer that is refused because the clock was set back is had once it is right', async () => {
  await ask();
  await lose(7n);
  setClock(-9 * DAY_MS);
  await resync(ahead);
  expect((await provider()).unanswered).toEqual({ count: 1, amount: 7n });
  await resync(ahead);
  setClock(9 * DAY_MS);
  await resync(again);
  expect(wallet.waiting()).toEqual([]);
  expect((await provider()).unanswered).toEqual({ count: 0, amount: 0n });
  expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
});

it('one that cannot be had while the clock is ahead is asked for again afterwards', async () => {
  await ask();
  await lose(7n);
  setClock(49 * DAY_MS);
  await resync(later);
  setClock(-49 * DAY_MS);
  await resync(again);
  expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
});

it('a ticket that was never asked again is asked once it cannot be charged any more', async () => {
  await ask();
  await lose(7n);
  await resync(async () => 'over');
  await lose(null);
  await resync(never);
  advance(MINUTE_MS);
  await resync(async () => 'over');
  expect(wallet.waiting()).toEqual([]);
});

it('a ticket that is not charged yet outlives a clock that is ahead', async () => {
  await ask();
  const slow = await lose(null);
  setClock(49 * DAY_MS);
  await resync(never);
  setClock(-49 * DAY_MS);
  expect(shop.admit(slow)).toBeNull();
  shop.charge(slow, 7n);
  await resync(again);
  expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
});

it('a process that starts with a clock that is ahead asks: its provider knows what it still keeps', async () => {
  await ask();
  await lose(7n);
  disk.powerCut();
  setClock(49 * DAY_MS);
  await open();
  await resync(again);
  expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
});

it('an answer that fails another check is over, and its charge counts as spent without an answer', async () => {
  await ask();
  await lose(7n);
  await resync(async () => {
    throw new ProofError('RECEIPT_SIGNATURE', 'the receipt is signed by somebody else');
  });
  expect(wallet.waiting()).toEqual([]);
  await lose(7n);
  await resync(async () => {
    throw new TributaryError('TICKET_OVER', 'its answer is not kept any more');
  });
  expect(wallet.waiting()).toEqual([]);
  expect((await provider()).unanswered).toEqual({ count: 2, amount: 14n });
  await restart();
  expect(wallet.waiting()).toEqual([]);
});
