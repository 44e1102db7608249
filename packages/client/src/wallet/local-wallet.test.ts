import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalWallet } from './local-wallet.ts';
import { keyOf, openShop } from './shop.suite.ts';
import type { SpendCaps, Wallet } from './wallet.ts';

const DAY_MS = 86_400_000;
let now = 1_790_000_000_000;
let folder: string;
let wallet: Wallet;

async function open(caps: Partial<SpendCaps> = {}): Promise<Wallet> {
  let salts = 0;
  return openLocalWallet({
    directory: folder,
    privateKey: keyOf(3),
    caps: { perCall: null, perDay: null, deposit: 1_000n, ...caps },
    now: () => now,
    randomBytes: (length) => new Uint8Array(length).fill((salts += 1)),
  });
}
async function reopen(caps: Partial<SpendCaps> = {}): Promise<void> {
  await wallet.close();
  wallet = await open(caps);
}
beforeEach(async () => {
  now = 1_790_000_000_000;
  folder = await mkdtemp(join(tmpdir(), 'tributary-wallet-'));
  wallet = await open();
});
afterEach(async () => {
  await wallet.close();
  await rm(folder, { recursive: true });
});

describe('paying', () => {
  it('opens one channel for a payee, signs what is at risk, and books receipts', async () => {
    const shop = openShop();
    const first = await wallet.reserve(shop.request(10n), shop.opener);
    expect(first).toMatchObject({ couldLose: 10n, voucher: { cumulative: '10' }, ticket: { maxCharge: '10', ackedTotal: '0' } });
    expect(shop.signerOf(first)).toBe(wallet.address);
    const receipt = await shop.serve(wallet, first, 7n);
    expect(await wallet.totals()).toEqual({ spentToday: 7n, couldLose: 0n, channels: 1 });
    const second = await wallet.reserve(shop.request(10n), shop.opener);
    expect(second).toMatchObject({ channel: first.channel, voucher: { cumulative: '17' }, ticket: { ackedTotal: '7' } });
    expect(second.ticket.ackedReceipt).not.toBe(receipt.previous);
    expect(shop.deposits).toEqual([1_000n]);
  });

  it('lets one ticket fly on a new channel, also when many are reserved at once', async () => {
    const shop = openShop();
    const got: string[] = [];
    const reserves = ['A', 'Q', 'g'].map(async (name) => {
      const payment = await wallet.reserve(shop.request(10n, name.repeat(22)), shop.opener);
      got.push(name);
      return payment;
    });
    const first = await reserves[0]!;
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(got).toEqual(['A']);
    expect((await wallet.totals()).couldLose).toBe(10n);
    await shop.serve(wallet, first, 1n);
    expect((await Promise.all(reserves.slice(1))).map(({ voucher }) => voucher.cumulative)).toEqual(['11', '21']);
    expect(shop.deposits).toEqual([1_000n]);
  });

  it('gives a refused ticket back', async () => {
    const shop = openShop();
    const payment = await wallet.reserve(shop.request(10n), shop.opener);
    await wallet.release(payment);
    await wallet.release(payment);
    expect(await wallet.totals()).toEqual({ spentToday: 0n, couldLose: 0n, channels: 1 });
    expect((await wallet.reserve(shop.request(10n), shop.opener)).voucher.cumulative).toBe('10');
  });

  it('tops the channel up when its deposit runs out', async () => {
    const shop = openShop({ credit: 2_500n });
    for (const charge of [900n, 900n]) await shop.serve(wallet, await wallet.reserve(shop.request(900n), shop.opener), charge);
    expect(shop.deposits).toEqual([1_000n, 2_000n]);
    await reopen();
    const third = await wallet.reserve(shop.request(200n), shop.opener);
    expect(third.voucher.cumulative).toBe('2000');
    await shop.serve(wallet, third, 200n);
    await expect(wallet.reserve(shop.request(600n), shop.opener)).rejects.toMatchObject({
      code: 'PAYMENT_NEEDED',
      message: expect.stringContaining('holds 500'),
    });
    expect((await wallet.totals()).couldLose).toBe(0n);
  });

  it('opens no channel without credit, and tries again when there is some', async () => {
    const poor = openShop({ credit: 5n });
    await expect(wallet.reserve(poor.request(10n), poor.opener)).rejects.toMatchObject({ code: 'PAYMENT_NEEDED' });
    const lying = openShop();
    const opener = { ...lying.opener, open: async () => ({ ...(await lying.opener.open({} as never)), deposit: '1' }) };
    await expect(wallet.reserve(lying.request(10n), opener)).rejects.toThrow();
    expect((await wallet.totals()).channels).toBe(0);
    const shop = openShop();
    expect((await wallet.reserve(shop.request(10n), shop.opener)).couldLose).toBe(10n);
  });

  it('leaves a channel that was abandoned, and takes along who waited on it', async () => {
    const shop = openShop();
    const lost = await wallet.reserve(shop.request(10n), shop.opener);
    const waiting = wallet.reserve(shop.request(10n), shop.opener);
    await wallet.abandon(lost);
    const next = await waiting;
    expect(next.channel).not.toBe(lost.channel);
    expect(await wallet.totals()).toEqual({ spentToday: 0n, couldLose: 10n, channels: 1 });
    await reopen();
    expect(await wallet.totals()).toEqual({ spentToday: 0n, couldLose: 10n, channels: 1 });
  });

  it('keeps what was charged also when the receipt breaks the chain', async () => {
    const shop = openShop();
    const payment = await wallet.reserve(shop.request(10n), shop.opener);
    const lying: Wallet = {
      ...wallet,
      acknowledge: (paid, receipt, hash) => wallet.acknowledge(paid, { ...receipt, chargedTotal: '99' }, hash),
    };
    await expect(shop.serve(lying, payment, 4n)).rejects.toMatchObject({ code: 'RECEIPT_CHAIN' });
    expect(await wallet.totals()).toMatchObject({ spentToday: 4n, couldLose: 0n });
    await reopen();
    expect(await wallet.totals()).toMatchObject({ spentToday: 4n, couldLose: 0n });
  });

  it('waits for room no longer than the ticket lives', async () => {
    const shop = openShop();
    await wallet.reserve(shop.request(10n), shop.opener);
    now = shop.request(1n).deadline - 1;
    await expect(wallet.reserve(shop.request(10n), shop.opener)).rejects.toMatchObject({ code: 'ASK_TIMEOUT' });
  });
});

describe('spending caps', () => {
  it('of one call and of one day hold before anything is signed', async () => {
    await reopen({ perCall: 50n, perDay: 100n });
    const shop = openShop();
    await expect(wallet.reserve(shop.request(51n), shop.opener)).rejects.toMatchObject({ code: 'SPEND_CAP' });
    expect(shop.deposits).toEqual([]);
    await shop.serve(wallet, await wallet.reserve(shop.request(50n), shop.opener), 40n);
    await wallet.reserve(shop.request(50n), shop.opener);
    await expect(wallet.reserve(shop.request(11n), shop.opener)).rejects.toMatchObject({ code: 'SPEND_CAP' });
    expect((await wallet.totals()).couldLose).toBe(50n);
  });

  it('of one day hold for queries that run side by side', async () => {
    await reopen({ perDay: 100n });
    const shop = openShop();
    await shop.serve(wallet, await wallet.reserve(shop.request(10n), shop.opener), 10n);
    const many = await Promise.allSettled(Array.from({ length: 12 }, () => wallet.reserve(shop.request(20n), shop.opener)));
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect((await wallet.totals()).couldLose).toBe(80n);
  });

  it('of one day start anew at midnight UTC, over restarts', async () => {
    await reopen({ perDay: 100n });
    const shop = openShop();
    await shop.serve(wallet, await wallet.reserve(shop.request(100n), shop.opener), 100n);
    await reopen({ perDay: 100n });
    await expect(wallet.reserve(shop.request(1n), shop.opener)).rejects.toMatchObject({ code: 'SPEND_CAP' });
    now += DAY_MS;
    const tomorrow = { ...shop.request(1n), deadline: now + 60_000 };
    expect((await wallet.reserve(tomorrow, shop.opener)).voucher.cumulative).toBe('101');
  });
});

describe('the books on disk', () => {
  it('are the same after a restart, open tickets included', async () => {
    const shop = openShop();
    await shop.serve(wallet, await wallet.reserve(shop.request(10n), shop.opener), 6n);
    const [open] = await Promise.all([20n, 30n].map((most) => wallet.reserve(shop.request(most), shop.opener)));
    await reopen();
    expect(await wallet.totals()).toEqual({ spentToday: 6n, couldLose: 50n, channels: 1 });
    await shop.serve(wallet, open!, 20n);
    expect(await wallet.totals()).toEqual({ spentToday: 26n, couldLose: 30n, channels: 1 });
    const next = await wallet.reserve(shop.request(5n), shop.opener);
    expect(next).toMatchObject({ channel: open!.channel, voucher: { cumulative: '61' }, couldLose: 35n });
    expect(shop.deposits).toEqual([1_000n]);
  });

  it('belong to one process', () => {
    const module = join(import.meta.dirname, 'database.ts');
    const script = `import { openLevelDatabase } from ${JSON.stringify(module)};
      await openLevelDatabase(process.argv[1]).catch((error) => console.log(error.code, error.message));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script, folder], { encoding: 'utf8' });
    expect(stdout).toContain('WALLET_DAMAGED');
    expect(stdout).toContain('another process holds it');
  });

  it('are refused when a row cannot be read', async () => {
    const shop = openShop();
    const { channel } = await wallet.reserve(shop.request(10n), shop.opener);
    await wallet.close();
    const rows = new ClassicLevel(folder);
    const row = await rows.get(`channel/${channel}`);
    for (const damaged of ['{', row!.replace('"deposit":"1000"', '"deposit":"x"'), row!.replace('"payer":"0x', '"payer":"')]) {
      await rows.put(`channel/${channel}`, damaged);
      await rows.close();
      await expect(open()).rejects.toMatchObject({ code: 'WALLET_DAMAGED', message: expect.stringContaining(folder) });
      await rows.open();
    }
    await rows.put(`channel/${channel}`, row!);
    await rows.close();
    wallet = await open();
    expect((await wallet.totals()).couldLose).toBe(10n);
  });
});
