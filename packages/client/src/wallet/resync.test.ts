// What a payer lost with an honest provider: afterwards the next question is paid, and nothing is paid twice.
import { TributaryError } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import type { LostPayment } from './wallet.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  advance,
  again,
  ask,
  disk,
  failOnce,
  lose,
  MINUTE_MS,
  never,
  open,
  openPayer,
  over,
  origin,
  provider,
  request,
  restart,
  shop,
  wallet,
} from './payer.suite.ts';

beforeEach(openPayer);

describe('an answer that was lost', () => {
  it('and charged is asked for again with the same ticket, and nothing is charged twice', async () => {
    await ask();
    const lost = await lose(7n);
    const asked: LostPayment[] = [];
    await ask(7n, async (one) => {
      asked.push(one);
      return again(one);
    });
    expect(asked).toMatchObject([{ payment: { ticket: lost.ticket }, origin }]);
    expect(BigInt(asked[0]!.payment.voucher.cumulative)).toBe(BigInt(lost.voucher.cumulative)); // no higher promise
    expect(await wallet.totals()).toMatchObject({ spent: 21n, writtenOff: 0n, channels: 1 });
    expect([...shop.channels.values()]).toMatchObject([{ charged: 21n, sequence: 3 }]);
  });

  it('is asked for also when a later one came', async () => {
    await ask();
    const lost = await wallet.reserve(request(), shop.ledger);
    const later = await wallet.reserve(request(), shop.ledger);
    for (const one of [lost, later]) expect(shop.admit(one)).toBeNull();
    shop.charge(lost, 7n);
    await shop.acknowledge(wallet, later, shop.charge(later, 7n));
    wallet.doubt(lost, false);
    const asked: LostPayment[] = [];
    await ask(7n, async (one) => {
      asked.push(one);
      return again(one);
    });
    expect(asked).toMatchObject([{ payment: { ticket: lost.ticket } }]);
    expect((await provider()).unanswered).toEqual({ count: 0, amount: 0n });
  });

  it.each<[string, bigint]>([
    ['and charged', 7n],
    ['and empty', 0n],
  ])('%s counts as spent without answer when it cannot be had any more, and the next question is paid', async (_, charge) => {
    await ask();
    await lose(charge);
    let asked = 0;
    const first = await ask(7n, async () => {
      asked += 1;
      throw new TributaryError('TICKET_OVER', 'its answer is not kept any more');
    });
    expect(asked).toBe(1);
    await ask();
    expect((await provider()).unanswered).toEqual({ count: 1, amount: charge });
    expect(await wallet.totals()).toMatchObject({ spent: 21n, writtenOff: charge, spentToday: 21n + charge });
    expect(first.channel).toBe([...shop.channels.keys()][0]);
  });

  it('and never charged costs nothing and is not asked again: the ceiling is used for the next question', async () => {
    await ask();
    const lost = await lose(null);
    const next = await ask();
    expect(next.voucher.cumulative).toBe(lost.voucher.cumulative);
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
  });

  it('is asked for again when the link broke meanwhile, three times, and then counts as spent without answer', async () => {
    await ask();
    const lost = await lose(7n);
    const cut = async (): Promise<never> => {
      throw new ClientError('LINK_CLOSED', 'the link broke');
    };
    await expect(ask(7n, cut)).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    await expect(ask(7n, cut)).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    const asked: LostPayment[] = [];
    await ask(7n, async (one) => {
      asked.push(one);
      return again(one);
    });
    expect(asked).toMatchObject([{ payment: { ticket: lost.ticket } }]);
    expect((await provider()).unanswered).toEqual({ count: 0, amount: 0n });

    await lose(7n);
    await expect(ask(7n, cut)).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    await expect(ask(7n, cut)).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    await ask(7n, cut);
    expect((await provider()).unanswered).toEqual({ count: 1, amount: 7n });
  });

  it('is asked for once after the time that answers are kept: a return after 11 minutes', async () => {
    await ask();
    await lose(7n);
    await restart();
    advance(11 * MINUTE_MS + MINUTE_MS);
    await ask(7n, over);
    await ask();
    expect((await provider()).unanswered).toEqual({ count: 1, amount: 7n });
  });

  it('that arrives after all is no longer missing', async () => {
    await ask();
    const slow = await wallet.reserve(request(), shop.ledger);
    shop.admit(slow);
    const receipt = shop.charge(slow, 7n);
    await lose(7n);
    await ask(7n, async () => 'over');
    expect((await provider()).unanswered).toEqual({ count: 2, amount: 14n });
    await shop.acknowledge(wallet, slow, receipt);
    expect((await provider()).unanswered).toEqual({ count: 1, amount: 7n });
    expect(await wallet.totals()).toMatchObject({ spent: 21n, writtenOff: 7n });
  });

  it('is settled once, however many want to pay, and each hears when that fails', async () => {
    await ask();
    await lose(7n);
    failOnce('read', 'before');
    const settle = () => wallet.resync(shop.payee, shop.ledger, again);
    const outcomes = await Promise.allSettled([settle(), settle(), settle()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await Promise.all([settle(), settle(), settle()]);
    expect(shop.calls.filter((method) => method === 'read')).toHaveLength(1);
    await wallet.resync(shop.payee, shop.ledger, never); // nothing is in doubt
    expect(shop.calls.filter((method) => method === 'read')).toHaveLength(1);
  });
});

describe('a wallet and a provider that differ', () => {
  it('are reconciled within what the question may cost, even when a dropped ticket is still in progress there', async () => {
    await ask();
    const slow = await wallet.reserve(request(), shop.ledger);
    shop.admit(slow);
    wallet.doubt(slow, false);
    await wallet.resync(shop.payee, shop.ledger, never); // not charged yet, so it is dropped
    const first = await wallet.reserve(request(), shop.ledger);
    expect(shop.admit(first)).toBe('VOUCHER_INSUFFICIENT');
    await wallet.release(first);
    wallet.doubt(first, true);
    await wallet.resync(shop.payee, shop.ledger, never);
    const second = await wallet.reserve({ ...request(), before: first }, shop.ledger);
    expect(second.raised + first.raised).toBe(10n);
    await shop.serve(wallet, second, 7n);
    shop.charge(slow, 7n);
    await ask(7n, over);
    expect(await wallet.totals()).toMatchObject({ spent: 21n, writtenOff: 7n });
  });

  it('are promised no more than the price over both attempts of a question, beside another in progress', async () => {
    await ask();
    const beside = await wallet.reserve(request(), shop.ledger);
    const first = await wallet.reserve(request(), shop.ledger);
    await wallet.release(first); // refused
    const second = await wallet.reserve({ ...request(), before: first }, shop.ledger);
    expect([beside.raised, first.raised, second.raised]).toEqual([7n, 10n, 0n]);
    expect(second.voucher.cumulative).toBe(first.voucher.cumulative);
    for (const one of [beside, second]) expect(shop.admit(one)).toBeNull();
    for (const one of [beside, second]) await shop.acknowledge(wallet, one, shop.charge(one, 10n));
    expect(await wallet.totals()).toMatchObject({ spent: 27n, writtenOff: 0n, couldLose: 0n });
  });

  it("are reconciled without promising more than the provider's stated charges plus this question", async () => {
    await ask(10n);
    const lost = await lose(8n);
    const first = await wallet.reserve(request(), shop.ledger); // before the lost ticket was settled
    expect(first.voucher.cumulative).toBe('30');
    expect(shop.admit(first)).toBeNull();
    shop.channels.get(first.channel)!.reserved -= 10n; // refused after all
    await wallet.release(first);
    wallet.doubt(lost, true);
    await wallet.resync(shop.payee, shop.ledger, async () => 'over');
    const next = await wallet.reserve({ ...request(), before: { ...first, raised: 0n, voucher: lost.voucher } }, shop.ledger);
    expect(next.voucher.cumulative).toBe('28');
    await wallet.release(next);
    await ask(10n);
    const { channels } = await wallet.totals();
    expect(channels).toBe(1);
  });

  it('of a copy that was restored end the channel: its deposit comes back and the next question is paid', async () => {
    shop.granted = 400n;
    await ask();
    await wallet.close();
    const copy = new Map(disk.rows());
    await open();
    for (let at = 0; at < 5; at += 1) await ask();
    await wallet.close();
    disk.rows().clear();
    for (const [key, value] of copy) disk.rows().set(key, value);
    await open();
    const next = await ask();
    expect([...shop.channels.values()]).toMatchObject([
      { closed: true, charged: 42n },
      { id: next.channel, closed: false },
    ]);
    expect(await wallet.totals()).toMatchObject({ granted: 400n, channels: 1, couldLose: 3n });
    expect((await provider()).lost).toEqual({ count: 1, amount: 3n });
  });

  it('of a provider that closed the channel cost nothing: another is opened, for the same question', async () => {
    const { channel } = await ask();
    shop.channels.get(channel)!.closed = true;
    const first = await wallet.reserve(request(), shop.ledger);
    expect(shop.admit(first)).toBe('CHANNEL_UNKNOWN');
    await wallet.release(first);
    wallet.doubt(first, true);
    await wallet.resync(shop.payee, shop.ledger, never);
    const second = await wallet.reserve({ ...request(), before: first }, shop.ledger);
    expect(second).toMatchObject({ raised: 10n });
    await shop.serve(wallet, second, 7n);
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n, channels: 1, couldLose: 3n });
  });

  it('of a provider that has no such channel lose it in full; the question fails, the next is paid', async () => {
    const { channel } = await ask();
    shop.channels.delete(channel);
    const first = await wallet.reserve(request(), shop.ledger);
    expect(shop.admit(first)).toBe('CHANNEL_UNKNOWN');
    await wallet.release(first);
    wallet.doubt(first, true);
    await wallet.resync(shop.payee, shop.ledger, never);
    await expect(wallet.reserve({ ...request(), before: first }, shop.ledger)).rejects.toMatchObject({ code: 'SPEND_CAP' });
    await ask();
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 10n, spentToday: 24n, channels: 1 });
    await restart();
    await ask();
    expect(await wallet.totals()).toMatchObject({ spent: 21n, writtenOff: 10n });
  });
});
