import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { receiptDigest, secp256k1Sign, signVoucher, toHex } from '@tributary/proof';
import type { MethodResult, Receipt } from '@tributary/schemas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalWallet } from './local-wallet.ts';
import { keyOf, openShop, type Shop } from './shop.suite.ts';
import type { ChannelOpener, Payment, Wallet } from './wallet.ts';

type Told = MethodResult<'openChannel'>;

let folder: string;
let wallet: Wallet;
let shop: Shop;
const open = async (): Promise<void> => {
  wallet = await openLocalWallet({
    directory: join(folder, 'wallet'),
    privateKey: keyOf(3),
    caps: { perCall: null, perDay: null, deposit: 1_000n },
    now: () => 1_790_000_000_000,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  });
};
const reserve = (): Promise<Payment> => wallet.reserve(shop.request(10n), shop.opener);
const pay = async (times: number): Promise<void> => {
  for (let at = 0; at < times; at += 1) await shop.serve(wallet, await reserve(), 7n);
};
/** What a provider does with a voucher that falls short. */
const refused = async (): Promise<Payment> => {
  const payment = await reserve();
  await wallet.release(payment);
  return payment;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-adopt-'));
  shop = openShop();
  await open();
  await pay(2);
  await wallet.close();
  await cp(join(folder, 'wallet'), join(folder, 'copy'), { recursive: true });
  await open();
  await pay(3);
  await wallet.close();
  await rm(join(folder, 'wallet'), { recursive: true });
  await cp(join(folder, 'copy'), join(folder, 'wallet'), { recursive: true });
  await open();
});
afterEach(async () => {
  await wallet.close();
  await rm(folder, { recursive: true });
});

describe('a wallet restored from a copy', () => {
  it('takes over what it signed and was charged since, keeps it, and goes on in the same channel', async () => {
    const short = await refused();
    expect(short.voucher.cumulative).toBe('24'); // 14 of 2 receipts and 10 for this one; the provider has charged 35
    await wallet.reconcile(short, shop.receiptSigner, shop.opener);
    expect(await wallet.totals()).toEqual({ spentToday: 35n, couldLose: 0n, channels: 1 });
    await wallet.close();
    await open();
    const next = await reserve();
    expect(next).toMatchObject({ channel: short.channel, voucher: { cumulative: '45' }, ticket: { ackedTotal: '35' } });
    await shop.serve(wallet, next, 7n); // the receipt fits the chain
    expect(await wallet.totals()).toEqual({ spentToday: 42n, couldLose: 0n, channels: 1 });
  });

  it('stays in the channel that another question has just reconciled', async () => {
    const [first, second] = [await refused(), await refused()];
    await Promise.all([first, second].map((short) => wallet.reconcile(short, shop.receiptSigner, shop.opener)));
    expect(await wallet.totals()).toMatchObject({ channels: 1 });
    expect((await reserve()).channel).toBe(first.channel);
  });

  it('leaves the channel while another ticket is open on it', async () => {
    const short = await refused();
    await reserve();
    await wallet.reconcile(short, shop.receiptSigner, shop.opener);
    expect((await reserve()).channel).not.toBe(short.channel);
  });

  it.each<[string, (told: Told) => Partial<Told>]>([
    ['no voucher', () => ({ voucher: null })],
    ['a voucher that is known', ({ voucher }) => ({ voucher: { ...voucher!, cumulative: '24' } })],
    ['a voucher of another wallet', ({ channel, voucher }) => ({ voucher: resigned(channel, voucher!, 4) })],
    ['a voucher for more than was signed', ({ voucher }) => ({ voucher: { ...voucher!, cumulative: '900' } })],
    ['no receipt', () => ({ receipt: null })],
    ['a receipt of another signer', ({ receipt }) => ({ receipt: receiptWith(receipt!, {}, 8) })],
    ['a receipt of another channel', ({ receipt }) => ({ receipt: receiptWith(receipt!, { channel: 'ab'.repeat(32) }) })],
    ['an old receipt', ({ receipt }) => ({ receipt: receiptWith(receipt!, { sequence: 2 }) })],
    ['a receipt for more than the voucher', ({ receipt }) => ({ receipt: receiptWith(receipt!, { chargedTotal: '39' }) })],
    ['a receipt for less than is known', ({ receipt }) => ({ receipt: receiptWith(receipt!, { chargedTotal: '13' }) })],
  ])('believes no provider that shows %s, and opens another channel', async (_, lie) => {
    const short = await refused();
    const opener: ChannelOpener = {
      ...shop.opener,
      open: async (asked) => {
        const told = await shop.opener.open(asked);
        return { ...told, ...lie(told) };
      },
    };
    await wallet.reconcile(short, shop.receiptSigner, opener);
    expect(await wallet.totals()).toEqual({ spentToday: 14n, couldLose: 0n, channels: 0 });
    expect((await reserve()).channel).not.toBe(short.channel);
  });

  it('opens another channel when the provider tells nothing', async () => {
    const short = await refused();
    await wallet.reconcile(short, shop.receiptSigner, { ...shop.opener, open: () => Promise.reject(new Error('gone')) });
    expect((await reserve()).channel).not.toBe(short.channel);
  });
});

const { network } = openShop().request(1n).payee;

function resigned(channel: string, { cumulative, ctx }: NonNullable<Told['voucher']>, key: number): NonNullable<Told['voucher']> {
  return { cumulative, ctx, signature: signVoucher({ channel, cumulative, ctx }, network, keyOf(key)) };
}

function receiptWith(receipt: Receipt, change: Partial<Receipt>, key = 7): Receipt {
  const changed = { ...receipt, ...change };
  return { ...changed, signature: toHex(secp256k1Sign(keyOf(key), receiptDigest(changed, network)).signature) };
}
