// Opening, topping up and closing, and what a liar gains by lying about them.
import { TributaryError } from '@tributary/schemas';
import { beforeEach, describe, expect, it } from 'vitest';
import { openShop } from './provider.suite.ts';
import type { ProviderLedger } from './wallet.ts';
import {
  advance,
  again,
  ask,
  disk,
  failOnce,
  gone,
  lose,
  MINUTE_MS,
  never,
  now,
  openPayer,
  over,
  request,
  restart,
  shop,
  wallet,
} from './payer.suite.ts';

beforeEach(openPayer);

describe('opening and topping up', () => {
  it.each<['before' | 'after']>([['before'], ['after']])(
    'are repeated with the same terms when the link breaks %s they are done',
    async (when) => {
      shop.granted = 25n;
      for (const _ of [1, 2]) {
        failOnce('open', when);
        await expect(ask()).rejects.toMatchObject({ code: 'LINK_CLOSED' });
      }
      await restart();
      await ask();
      expect(shop.channels.size).toBe(1);
      failOnce('open', when);
      shop.granted = 60n;
      await ask();
      await ask();
      await expect(ask()).rejects.toMatchObject({ code: 'LINK_CLOSED' });
      await restart();
      await ask();
      expect([...shop.channels.values()]).toMatchObject([{ deposit: 60n, charged: 28n }]);
    },
  );

  it('keep the row of a channel unless the provider refuses it for good', async () => {
    for (const error of [gone(), new TributaryError('LEDGER_WRITE', 'disk'), new TributaryError('RATE_LIMITED', 'wait')]) {
      failOnce('open', 'after', error);
      await expect(ask()).rejects.toBe(error);
      expect([...disk.rows().keys()].filter((key) => key.startsWith('channel/'))).toHaveLength(1);
    }
    shop.channels.clear();
    failOnce('open', 'before', new TributaryError('CHANNEL_TERMS', 'no'));
    await ask(); // with other terms
    expect([...disk.rows().keys()].filter((key) => key.startsWith('channel/'))).toHaveLength(1);
    const other = openShop({ key: 9, credit: 0n });
    const rich = { ...other.ledger, credit: async () => 99n };
    await expect(wallet.reserve(other.request(10n), rich)).rejects.toMatchObject({ code: 'CREDIT_INSUFFICIENT' });
    await wallet.close();
    expect([...disk.rows().keys()].filter((key) => key.startsWith('channel/'))).toHaveLength(1);
  });

  it('with another payee or key of the provider leave the first channel alone', async () => {
    const { channel } = await ask();
    const thief = openShop({ key: 8, owner: 2 });
    const claims = { ...thief.payee, payee: shop.payee.payee, network: shop.payee.network };
    await expect(wallet.reserve(shop.request(10n, { payee: claims }), thief.ledger)).rejects.toThrow();
    const renewed = openShop({ key: 9 });
    await ask(7n, never, renewed);
    expect((await ask()).channel).toBe(channel);
    expect(await wallet.totals()).toMatchObject({ channels: 2, writtenOff: 0n });
  });
});

describe('a liar', () => {
  const DAY_MS = 24 * 60 * MINUTE_MS;
  /** Asks as often as the caps allow. Each time the provider keeps the voucher and claims that it knows no channel. */
  async function robbed(times: number): Promise<bigint> {
    let taken = 0n;
    for (let at = 0; at < times; at += 1) {
      const thief = openShop({ key: 8, owner: 2 });
      try {
        await wallet.resync(thief.payee, thief.ledger, never);
        const payment = await wallet.reserve(thief.request(10n, { deadline: now + MINUTE_MS }), thief.ledger);
        taken += payment.raised;
        await wallet.release(payment);
        wallet.doubt(payment, true);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(SPEND_CAP|CHANNEL_UNKNOWN)$/) });
      }
    }
    return taken;
  }

  it('gets no more than the daily cap, whatever it reports about its channels', async () => {
    await restart({ perDay: 25n });
    expect(await robbed(12)).toBe(20n);
    expect(await wallet.totals()).toMatchObject({ signedToday: 20n });
    const { writtenOff, couldLose } = await wallet.totals();
    expect(writtenOff + couldLose).toBe(20n);
    await expect(ask()).rejects.toMatchObject({ code: 'SPEND_CAP' });
  });

  it('that keeps silent counts in the budget of the day on which it was promised, not of the next', async () => {
    await restart({ perDay: 10n });
    await wallet.reserve(request(), shop.ledger);
    const honest = openShop({ key: 9, owner: 4 });
    await expect(ask(7n, never, honest)).rejects.toMatchObject({ code: 'SPEND_CAP' });
    advance(DAY_MS);
    await ask(7n, never, honest);
    expect(await wallet.totals()).toMatchObject({ signedToday: 10n, couldLose: 13n });
  });

  it('that claims more than was signed loses the channel, and what was signed counts as spent', async () => {
    await ask();
    const lost = await lose(null);
    const channel = shop.channels.get(lost.channel)!;
    channel.charged += 300n;
    channel.sequence += 1;
    channel.receipt = shop.charge({ ...lost, ticket: { ...lost.ticket, id: 'A'.repeat(22) } }, 0n);
    const next = await ask(7n, over);
    expect(next.channel).not.toBe(lost.channel);
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 10n });
  });

  it('whose state does not verify is promised nothing more', async () => {
    await ask();
    await lose(7n);
    const forged: ProviderLedger = {
      ...shop.ledger,
      read: async (about) => {
        const { state, receipt } = await shop.ledger.read(about);
        return { state: { ...state, chargedTotal: '7', sequence: 1 }, receipt };
      },
    };
    await expect(wallet.resync(shop.payee, forged, never)).rejects.toMatchObject({ code: 'CHANNEL_STATE' });
    await ask(7n, again);
    expect(await wallet.totals()).toMatchObject({ spent: 21n, writtenOff: 0n });
  });
});

describe('closing a channel', () => {
  it('gives back what was not charged, also when the reply is lost, and never while a question waits', async () => {
    const { channel } = await ask();
    const close = () => wallet.closeChannel(channel, shop.payee.receiptSigner, shop.ledger);
    const waiting = await wallet.reserve(request(), shop.ledger);
    await expect(close()).rejects.toMatchObject({ code: 'CHANNEL_BUSY' });
    await wallet.release(waiting);
    failOnce('close', 'after');
    await expect(close()).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    expect(await close()).toBe(313n);
    expect(await close()).toBe(0n);
    expect(await wallet.totals()).toMatchObject({ granted: 1_000_000n, locked: 0n, spent: 7n, couldLose: 0n, channels: 0 });
    await restart();
    expect((await ask()).channel).not.toBe(channel);
  });

  it("accepts the signature of the provider's present key", async () => {
    const { channel } = await ask();
    await expect(wallet.closeChannel(channel, wallet.address, shop.ledger)).rejects.toMatchObject({ code: 'CHANNEL_STATE' });
    expect(await wallet.closeChannel(channel, shop.payee.receiptSigner, shop.ledger)).toBe(313n);
  });
});
