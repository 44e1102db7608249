// What an honest provider's buyer lost, and what a liar says: after either, the next question to an honest provider is paid.
import { signVoucher, ticketHash } from '@tributary/proof';
import { TributaryError } from '@tributary/schemas';
import { beforeEach, describe, expect, it } from 'vitest';
import { faultyDatabase, type FaultyDatabase } from './database.suite.ts';
import { openLocalWallet } from './local-wallet.ts';
import { keyOf, openShop, ZERO_HASH, type Shop } from './shop.suite.ts';
import type { LostPayment, Payment, ProviderLedger, SpendCaps, Wallet } from './wallet.ts';

const MINUTE_MS = 60_000;
const address = `0x${'1'.repeat(40)}`;
const origin = {
  nonce: 'nonce',
  body: 'question',
  offer: { body: '{}', signature: 'a'.repeat(130) },
  identity: { body: '{}', signature: 'A'.repeat(86), payeeSignature: 'a'.repeat(130) },
};

let now: number;
let disk: FaultyDatabase;
let shop: Shop;
let wallet: Wallet;
let fails: { method: string; when: 'before' | 'after'; error: Error }[];
let salts = 0;
const open = async (caps: Partial<SpendCaps> = {}) => {
  wallet = await openLocalWallet({
    directory: 'memory',
    privateKey: keyOf(3),
    caps: { perCall: null, perDay: null, deposit: 1_000n, ...caps },
    now: () => now,
    randomBytes: (length) => new Uint8Array(length).fill((salts += 1)),
    openDatabase: disk.open,
  });
};
const restart = async (caps?: Partial<SpendCaps>) => {
  await wallet.close();
  await open(caps);
};
beforeEach(async () => {
  now = 1_790_000_000_000;
  disk = faultyDatabase();
  fails = [];
  shop = openShop({
    fault: (method, when) => {
      const at = fails.findIndex((one) => one.method === method && one.when === when);
      if (at >= 0) throw fails.splice(at, 1)[0]!.error;
    },
  });
  await open();
});

const gone = () => new TributaryError('LINK_CLOSED', 'the link broke');
const failOnce = (method: keyof ProviderLedger, when: 'before' | 'after', error: Error = gone()) =>
  fails.push({ method, when, error });
const never = async () => expect.unreachable('nothing is asked again');
const request = () => shop.request(10n, { deadline: now + MINUTE_MS, origin });
/** The steps of the query line, without a link: what it costs is charged. */
async function ask(charge = 7n, askAgain: (lost: LostPayment) => Promise<void> = never, from = shop): Promise<Payment> {
  for (let before: Payment | null = null; ;) {
    await wallet.resync(from.payee, from.ledger, askAgain);
    const wanted = from.request(10n, { deadline: now + MINUTE_MS, origin, before });
    const payment: Payment = await wallet.reserve(wanted, from.ledger);
    const refused = from.admit(payment);
    if (!refused) {
      await from.acknowledge(wallet, payment, from.charge(payment, charge));
      return payment;
    }
    await wallet.release(payment);
    wallet.doubt(payment, true);
    if (before) throw new Error(refused);
    before = payment;
  }
}
/** Sends a question whose answer is lost; it may have been charged. */
async function lose(charge: bigint | null): Promise<Payment> {
  await wallet.resync(shop.payee, shop.ledger, never);
  const payment = await wallet.reserve(request(), shop.ledger);
  if (charge !== null) {
    expect(shop.admit(payment)).toBeNull();
    shop.charge(payment, charge);
  }
  wallet.doubt(payment, false);
  return payment;
}
const again = async ({ payment }: LostPayment) => {
  expect(shop.admit(payment)).toBeNull();
  await shop.acknowledge(wallet, payment, shop.charge(payment, 7n));
};
const provider = async () => (await wallet.totals()).providers[0]!;

describe('an answer that was lost', () => {
  it('and charged is asked for once more with the same ticket, and nothing is charged twice', async () => {
    await ask();
    const lost = await lose(7n);
    const asked: LostPayment[] = [];
    await ask(7n, async (one) => {
      asked.push(one);
      await again(one);
    });
    expect(asked).toMatchObject([{ payment: { ticket: lost.ticket }, origin }]);
    expect(BigInt(asked[0]!.payment.voucher.cumulative)).toBe(BigInt(lost.voucher.cumulative)); // no higher promise
    expect(await wallet.totals()).toMatchObject({ spent: 21n, writtenOff: 0n, channels: 1 });
    expect([...shop.channels.values()]).toMatchObject([{ charged: 21n, sequence: 3 }]);
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
      throw gone();
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

  it('is not asked for after the time that answers are kept: a return after 11 minutes', async () => {
    await ask();
    await lose(7n);
    await restart();
    now += 11 * MINUTE_MS + MINUTE_MS;
    await ask();
    expect((await provider()).unanswered).toEqual({ count: 1, amount: 7n });
  });

  it('that comes after all is no longer missing', async () => {
    await ask();
    const slow = await wallet.reserve(request(), shop.ledger);
    shop.admit(slow);
    const receipt = shop.charge(slow, 7n);
    await lose(7n);
    await ask(7n, async () => undefined);
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

describe('books that differ', () => {
  it('are mended within what the question may cost, also when a dropped ticket is still at work there', async () => {
    await ask();
    const slow = await wallet.reserve(request(), shop.ledger);
    shop.admit(slow);
    wallet.doubt(slow, false);
    await wallet.resync(shop.payee, shop.ledger, never); // not charged yet: dropped
    const first = await wallet.reserve(request(), shop.ledger);
    expect(shop.admit(first)).toBe('VOUCHER_INSUFFICIENT');
    await wallet.release(first);
    wallet.doubt(first, true);
    await wallet.resync(shop.payee, shop.ledger, never);
    const second = await wallet.reserve({ ...request(), before: first }, shop.ledger);
    expect(second.raised + first.raised).toBe(10n);
    await shop.serve(wallet, second, 7n);
    shop.charge(slow, 7n);
    await ask();
    expect(await wallet.totals()).toMatchObject({ spent: 21n, writtenOff: 7n });
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

  it('of a provider that says another payee or another key leave the first channel alone', async () => {
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
  /** Asks as often as the caps allow; each time the provider keeps the voucher and says that it knows no channel. */
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

  it('gets no more than the cap of the day, whatever it says of its channels', async () => {
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
    now += DAY_MS;
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
    const next = await ask();
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

  it('takes the word of the key that signs for the provider today', async () => {
    const { channel } = await ask();
    await expect(wallet.closeChannel(channel, address, shop.ledger)).rejects.toMatchObject({ code: 'CHANNEL_STATE' });
    expect(await wallet.closeChannel(channel, shop.payee.receiptSigner, shop.ledger)).toBe(313n);
  });
});

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

  it('loses what was not synced, and the next question is paid', async () => {
    await ask();
    await lose(7n);
    disk.powerCut();
    await open();
    await ask(7n, again);
    await ask();
    expect(await wallet.totals()).toMatchObject({ channels: 1, spent: 14n });
  });
});

it('signs vouchers that the provider can check', async () => {
  const payment = await ask();
  const { channel, ticket, voucher } = payment;
  expect(shop.signerOf(payment)).toBe(wallet.address);
  const fields = { channel, cumulative: voucher.cumulative, ctx: ticketHash({ ...ticket, request: ZERO_HASH }) };
  expect(voucher.signature).toBe(signVoucher(fields, shop.payee.network, keyOf(3)));
});
