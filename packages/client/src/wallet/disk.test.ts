// A disk that fails at any write, or loses what was not synced.
import { signVoucher, ticketHash } from '@tributary/proof/payment';
import { beforeEach, describe, expect, it } from 'vitest';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { keyOf, openShop } from './provider.suite.ts';
import {
  again,
  ask,
  disk,
  lose,
  MINUTE_MS,
  now,
  open,
  openPayer,
  origin,
  request,
  restart,
  shop,
  wallet,
} from './payer.suite.ts';

beforeEach(openPayer);

describe('the disk', () => {
  const steps = 9;
  it.each(
    Array.from({ length: steps * 2 }, (_, at) => [Math.floor(at / 2), at % 2 === 0 ? ('lost' as const) : ('kept' as const)]),
  )('fails at write %i, %s: nothing is paid twice and the next question is paid', async (at, how) => {
    disk.next = [...Array.from({ length: at }, () => 'ok' as const), how];
    for (let tries = 0; tries < 4; tries += 1) {
      const done = await ask(7n, again).catch((error: unknown) => error);
      if (done instanceof Error) expect(done).toMatchObject({ code: 'WALLET_WRITE' });
    }
    disk.next = [];
    await restart();
    await ask(7n, again);
    const [channel, ...others] = [...shop.channels.values()];
    expect(others).toEqual([]);
    const { spent, writtenOff } = await wallet.totals();
    expect(spent + writtenOff).toBe(channel!.charged);
  });

  it('sends no opening that is not written, also at the second question', async () => {
    disk.next = Array.from({ length: 20 }, () => 'lost' as const);
    for (let tries = 0; tries < 2; tries += 1) await expect(ask()).rejects.toMatchObject({ code: 'WALLET_WRITE' });
    expect(shop.deposits).toEqual([]);
    disk.next = [];
    await restart();
    await ask();
    expect(shop.channels.size).toBe(1);
  });

  it('keeps over a power cut what was promised, so that the cap of the day holds', async () => {
    const caps = { perDay: 25n };
    await restart(caps);
    await ask(10n);
    const silent = openShop({ key: 9, owner: 4 });
    await wallet.reserve(silent.request(10n, { deadline: now + MINUTE_MS, origin }), silent.ledger);
    disk.powerCut();
    await open(caps);
    await expect(ask(10n, again)).rejects.toMatchObject({ code: 'SPEND_CAP' });
    expect(await wallet.totals()).toMatchObject({ signedToday: 20n, couldLose: 10n, channels: 2 });
  });

  it('is written once for each question: its receipt joins the rows of the next one', async () => {
    await ask();
    const before = disk.writes;
    for (let at = 0; at < 3; at += 1) await ask();
    expect(disk.writes - before).toBe(3);
    await restart();
    expect(await wallet.totals()).toMatchObject({ channels: 1, spent: 28n, writtenOff: 0n });
  });

  it('has each row once in a group', async () => {
    await ask();
    disk.groups.length = 0;
    const payments = await Promise.all(Array.from({ length: 4 }, () => wallet.reserve(request(), shop.ledger)));
    const [rows, ...others] = disk.groups;
    expect(others).toEqual([]);
    expect(rows).toEqual([...new Set(rows)]);
    // One more says that the first ticket is gone.
    expect(rows!.filter((key) => key.startsWith('ticket/'))).toHaveLength(payments.length + 1);
  });

  it('knows after a restart what is locked, even when the reply to an opening could not be written', async () => {
    disk.next = ['ok', 'lost'];
    await ask().catch((error: unknown) => expect(error).toMatchObject({ code: 'WALLET_WRITE' }));
    const before = await wallet.totals();
    expect(before).toMatchObject({ channels: 1, locked: 320n });
    await restart();
    expect(await wallet.totals()).toEqual(before);
  });

  it('forgets after a power cut at most that an answer came, and the next question is paid', async () => {
    await ask();
    await lose(7n);
    disk.powerCut();
    await open();
    await ask(7n, again);
    await ask();
    expect(await wallet.totals()).toMatchObject({ channels: 1, spent: 28n, writtenOff: 0n });
  });
});

it('signs vouchers that the provider can check', async () => {
  const payment = await ask();
  const { channel, ticket, voucher } = payment;
  expect(shop.signerOf(payment)).toBe(wallet.address);
  const fields = { channel, cumulative: voucher.cumulative, ctx: ticketHash({ ...ticket, request: ZERO_HASH }) };
  expect(voucher.signature).toBe(signVoucher(fields, shop.payee.network, keyOf(3)));
});
