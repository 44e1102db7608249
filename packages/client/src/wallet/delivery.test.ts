// A ticket lives until its answer is delivered: whatever ended before that, the answer is asked for again, and its
// charge is booked once.
import { TributaryError } from '@tributary/schemas';
import { beforeEach, describe, expect, it } from 'vitest';
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
  origin,
  provider,
  request,
  restart,
  shop,
  wallet,
} from './payer.suite.ts';
import type { LostPayment, Payment, Wanted } from './wallet.ts';

beforeEach(openPayer);

const charged: Wanted = () => false;
const tickets = () => [...disk.rows().keys()].filter((key) => key.startsWith('ticket/'));

/** A question whose answer was booked, and whose process ended before it was handed out. */
async function bookedOnly(charge = 7n): Promise<Payment> {
  await ask();
  const payment = await wallet.reserve(request(), shop.ledger);
  expect(shop.admit(payment)).toBeNull();
  const handing = { ...wallet, delivered: () => undefined };
  await shop.acknowledge(handing, payment, shop.charge(payment, charge));
  return payment;
}

/** Asks again, remembers what for, and lets the wallet book it. */
function asking() {
  const asked: LostPayment[] = [];
  const askAgain = async (one: LostPayment) => {
    asked.push(one);
    return again(one);
  };
  return { asked, askAgain };
}

describe('an answer that was booked and not delivered', () => {
  it('is asked for again after a restart, with the voucher that was signed, and booked once', async () => {
    const payment = await bookedOnly();
    await restart();
    expect(wallet.waiting()).toMatchObject([{ payee: { did: shop.payee.did }, origin }]);
    const { asked, askAgain } = asking();
    await wallet.resync(shop.payee, shop.ledger, askAgain, charged);
    expect(asked).toMatchObject([{ payment: { ticket: payment.ticket, voucher: payment.voucher }, origin }]);
    expect(wallet.waiting()).toEqual([]);
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n, spentToday: 14n });
    await restart();
    expect(tickets()).toEqual([]);
    await ask();
    expect(await wallet.totals()).toMatchObject({ spent: 21n, writtenOff: 0n });
  });

  it('is asked for again in the same process when its caller is gone', async () => {
    const payment = await bookedOnly();
    await wallet.resync(shop.payee, shop.ledger, never, charged); // its caller may still come
    wallet.missed(payment);
    const { asked, askAgain } = asking();
    await wallet.resync(shop.payee, shop.ledger, askAgain, charged);
    expect(asked).toHaveLength(1);
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
  });

  it('counts as spent without an answer when its provider does not have it any more', async () => {
    await bookedOnly();
    await restart();
    await wallet.resync(shop.payee, shop.ledger, async () => 'over', charged);
    expect(wallet.waiting()).toEqual([]);
    expect((await provider()).unanswered).toEqual({ count: 1, amount: 7n });
    expect(await wallet.totals()).toMatchObject({ spent: 7n, writtenOff: 7n, spentToday: 14n });
  });

  it('is asked for as long as it is kept, also when a try fails', async () => {
    await bookedOnly();
    await restart();
    const broken = async () => {
      throw new TributaryError('LINK_CLOSED', 'the link broke');
    };
    for (let tries = 0; tries < 5; tries += 1) await wallet.resync(shop.payee, shop.ledger, broken, charged);
    expect(wallet.waiting()).toHaveLength(1);
    advance(MINUTE_MS + 599_000);
    const { asked, askAgain } = asking();
    await wallet.resync(shop.payee, shop.ledger, askAgain, charged);
    expect(asked).toHaveLength(1);
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
  });

  it('and delivered is not asked for again, and costs no write of its own', async () => {
    await ask();
    const before = disk.writes;
    await ask();
    expect(disk.writes - before).toBeLessThanOrEqual(2);
    await restart();
    expect(tickets()).toEqual([]);
    expect(wallet.waiting()).toEqual([]);
    await wallet.resync(shop.payee, shop.ledger, never, charged);
  });
});

describe('a ticket whose caller is gone', () => {
  it('and that was charged after the state was adopted is still asked for', async () => {
    await ask();
    const slow = await wallet.reserve(request(), shop.ledger);
    shop.admit(slow);
    wallet.doubt(slow, false);
    await wallet.resync(shop.payee, shop.ledger, never);
    shop.charge(slow, 7n);
    const { asked, askAgain } = asking();
    await wallet.resync(shop.payee, shop.ledger, askAgain, charged);
    expect(asked).toMatchObject([{ payment: { ticket: slow.ticket } }]);
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
  });

  it('and that was never charged is sent again only if its question is repeated', async () => {
    await ask();
    const key = { name: 'one', question: 'a'.repeat(64) };
    const lost = await wallet.reserve({ ...request(), origin: { ...origin, key } }, shop.ledger);
    wallet.doubt(lost, false);
    await restart();
    await wallet.resync(shop.payee, shop.ledger, never, (asked) => asked?.name === 'another');
    expect(wallet.waiting()).toMatchObject([{ origin: { key } }]);
    const { asked, askAgain } = asking();
    await wallet.resync(shop.payee, shop.ledger, askAgain, (one) => one?.name === 'one');
    expect(asked).toMatchObject([{ payment: { ticket: lost.ticket, voucher: lost.voucher } }]);
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
  });

  it('and that was never charged is forgotten a minute after its deadline', async () => {
    await ask();
    await lose(null);
    advance(2 * MINUTE_MS - 1);
    await wallet.resync(shop.payee, shop.ledger, never, charged);
    expect(wallet.waiting()).toHaveLength(1);
    advance(1);
    await wallet.resync(shop.payee, shop.ledger, never, charged);
    expect(wallet.waiting()).toEqual([]);
    await restart();
    expect(tickets()).toEqual([]);
  });

  it('is asked for later when its charge was adopted while the link was broken', async () => {
    await ask();
    await lose(7n);
    const cut = async () => {
      throw new TributaryError('LINK_CLOSED', 'the link broke');
    };
    for (let tries = 0; tries < 3; tries += 1) await wallet.resync(shop.payee, shop.ledger, cut).catch(() => undefined);
    expect((await provider()).unanswered).toEqual({ count: 1, amount: 7n });
    advance(MINUTE_MS);
    await wallet.resync(shop.payee, shop.ledger, again, charged);
    expect((await provider()).unanswered).toEqual({ count: 0, amount: 0n });
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
  });

  it('survives a power cut between its voucher and its answer', async () => {
    await ask();
    const payment = await wallet.reserve(request(), shop.ledger);
    shop.admit(payment);
    shop.charge(payment, 7n);
    disk.powerCut();
    await open();
    const { asked, askAgain } = asking();
    await wallet.resync(shop.payee, shop.ledger, askAgain);
    expect(asked).toMatchObject([{ payment: { ticket: payment.ticket } }]);
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
  });
});
