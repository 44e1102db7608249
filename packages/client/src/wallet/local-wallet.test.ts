import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openRows } from '@tributary/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalWallet } from './local-wallet.ts';
import { keyOf, openShop } from './provider.suite.ts';
import type { ProviderLedger, SpendCaps, Wallet } from './wallet.ts';

const DAY_MS = 86_400_000;
let now = 1_790_000_000_000;
let folder: string;
let wallet: Wallet;
let salts = 0;

async function open(caps: Partial<SpendCaps> = {}): Promise<Wallet> {
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
    const first = await wallet.reserve(shop.request(10n), shop.ledger);
    expect(first).toMatchObject({ couldLose: 10n, voucher: { cumulative: '10' }, ticket: { maxCharge: '10', ackedTotal: '0' } });
    expect(shop.signerOf(first)).toBe(wallet.address);
    const receipt = await shop.serve(wallet, first, 7n);
    // The voucher is good for 10
    expect(await wallet.totals()).toMatchObject({ spentToday: 7n, couldLose: 3n, channels: 1 });
    const second = await wallet.reserve(shop.request(10n), shop.ledger);
    expect(second).toMatchObject({ channel: first.channel, voucher: { cumulative: '17' }, ticket: { ackedTotal: '7' } });
    expect(second.ticket.ackedReceipt).not.toBe(receipt.previous);
    expect(shop.deposits).toEqual([320n]);
  });

  it('allows one ticket in flight on a new channel, even when many are reserved at once', async () => {
    const shop = openShop();
    const got: string[] = [];
    const reserves = ['A', 'Q', 'g'].map(async (name) => {
      const payment = await wallet.reserve(shop.request(10n, { ticketId: name.repeat(22) }), shop.ledger);
      got.push(name);
      return payment;
    });
    const first = await reserves[0]!;
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(got).toEqual(['A']);
    expect((await wallet.totals()).couldLose).toBe(10n);
    await shop.serve(wallet, first, 1n);
    expect((await Promise.all(reserves.slice(1))).map(({ voucher }) => voucher.cumulative)).toEqual(['11', '21']);
    expect(shop.deposits).toEqual([320n]);
  });

  it('releases a refused ticket', async () => {
    const shop = openShop();
    const payment = await wallet.reserve(shop.request(10n), shop.ledger);
    await wallet.release(payment);
    await wallet.release(payment);
    expect(await wallet.totals()).toMatchObject({ spentToday: 0n, couldLose: 10n, channels: 1 }); // the voucher is out
    expect((await wallet.reserve(shop.request(10n), shop.ledger)).voucher.cumulative).toBe('10');
  });

  it('locks credit for some tens of questions, more when they come fast, and no more than there is', async () => {
    const shop = openShop({ credit: 2_500n });
    const ask = async (maxCharge: bigint) =>
      shop.serve(wallet, await wallet.reserve(shop.request(maxCharge), shop.ledger), maxCharge);
    for (let at = 0; at < 33; at += 1) await ask(10n);
    expect(shop.deposits).toEqual([320n, 960n]);
    // What is free is known without asking
    expect(await wallet.totals()).toMatchObject({ granted: 2_500n, locked: 960n });
    for (let at = 0; at < 64; at += 1) await ask(10n);
    expect(shop.deposits).toEqual([320n, 960n, 1_960n]); // the cap of 1,000 applies to one top-up
    now += 60_000;
    const later = { deadline: now + 60_000 };
    await shop.serve(wallet, await wallet.reserve(shop.request(995n, later), shop.ledger), 995n);
    expect(shop.deposits.at(-1)).toBe(2_500n);
    await reopen();
    await wallet.resync(shop.payee, shop.ledger, async () => 'over');
    await expect(wallet.reserve(shop.request(600n, later), shop.ledger)).rejects.toMatchObject({
      code: 'PAYMENT_NEEDED',
      message: expect.stringContaining('holds 0'),
    });
    expect(await wallet.totals()).toMatchObject({ granted: 2_500n, locked: 2_500n, couldLose: 0n, spent: 1_965n });
  });

  it('opens no channel without credit, and tries again when there is some', async () => {
    const shop = openShop({ credit: 5n });
    await expect(wallet.reserve(shop.request(10n), shop.ledger)).rejects.toMatchObject({ code: 'PAYMENT_NEEDED' });
    const lying = { ...shop.ledger, credit: async () => 100n };
    await expect(wallet.reserve(shop.request(10n), lying)).rejects.toMatchObject({ code: 'CREDIT_INSUFFICIENT' });
    expect((await wallet.totals()).channels).toBe(0);
    shop.granted = 50n;
    expect((await wallet.reserve(shop.request(10n), shop.ledger)).couldLose).toBe(10n);
    expect(shop.deposits.at(-1)).toBe(50n);
  });

  it('accepts no channel state that the provider did not sign for this call', async () => {
    const shop = openShop();
    const changed = (change: object): ProviderLedger => ({
      ...shop.ledger,
      open: async (request) => {
        const { state, receipt } = await shop.ledger.open(request);
        return { state: { ...state, ...change }, receipt };
      },
    });
    for (const change of [{ deposit: '999999' }, { nonce: 'a'.repeat(64) }, { channel: 'a'.repeat(64) }, { closed: true }])
      await expect(wallet.reserve(shop.request(10n), changed(change))).rejects.toMatchObject({ code: 'CHANNEL_STATE' });
    expect((await wallet.totals()).channels).toBe(0);
    expect((await wallet.reserve(shop.request(10n), shop.ledger)).couldLose).toBe(10n);
  });

  it('keeps what was charged also when the receipt breaks the chain', async () => {
    const shop = openShop();
    const payment = await wallet.reserve(shop.request(10n), shop.ledger);
    const lying: Wallet = {
      ...wallet,
      acknowledge: (paid, receipt, hash) => wallet.acknowledge(paid, { ...receipt, chargedTotal: '99' }, hash),
    };
    await expect(shop.serve(lying, payment, 4n)).rejects.toMatchObject({ code: 'RECEIPT_CHAIN' });
    // The channel is lost, so everything that was signed in it counts as spent.
    const lost = { spentToday: 10n, spent: 4n, writtenOff: 6n, couldLose: 0n, channels: 0 };
    expect(await wallet.totals()).toMatchObject(lost);
    await reopen();
    expect(await wallet.totals()).toMatchObject(lost);
    expect((await wallet.reserve(shop.request(10n), shop.ledger)).channel).not.toBe(payment.channel);
  });

  it('waits for room no longer than the ticket lives', async () => {
    const shop = openShop();
    await wallet.reserve(shop.request(10n), shop.ledger);
    now = shop.request(1n).deadline - 1;
    await expect(wallet.reserve(shop.request(10n), shop.ledger)).rejects.toMatchObject({ code: 'ASK_TIMEOUT' });
  });
});

describe('spending caps', () => {
  it('of one call and of one day hold before anything is signed', async () => {
    await reopen({ perCall: 50n, perDay: 100n });
    const shop = openShop();
    await expect(wallet.reserve(shop.request(51n), shop.ledger)).rejects.toMatchObject({ code: 'SPEND_CAP' });
    expect(shop.deposits).toEqual([]);
    await shop.serve(wallet, await wallet.reserve(shop.request(50n), shop.ledger), 40n);
    await wallet.reserve(shop.request(50n), shop.ledger);
    await expect(wallet.reserve(shop.request(11n), shop.ledger)).rejects.toMatchObject({ code: 'SPEND_CAP' });
    expect((await wallet.totals()).couldLose).toBe(50n);
  });

  it('of one day hold for queries that run side by side', async () => {
    await reopen({ perDay: 100n });
    const shop = openShop();
    await shop.serve(wallet, await wallet.reserve(shop.request(10n), shop.ledger), 10n);
    const many = await Promise.allSettled(Array.from({ length: 12 }, () => wallet.reserve(shop.request(20n), shop.ledger)));
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect((await wallet.totals()).couldLose).toBe(80n);
  });

  it('of one day are reset at midnight UTC, across restarts', async () => {
    await reopen({ perDay: 100n });
    const shop = openShop();
    await shop.serve(wallet, await wallet.reserve(shop.request(100n), shop.ledger), 100n);
    await reopen({ perDay: 100n });
    await expect(wallet.reserve(shop.request(1n), shop.ledger)).rejects.toMatchObject({ code: 'SPEND_CAP' });
    now += DAY_MS;
    const tomorrow = { ...shop.request(1n), deadline: now + 60_000 };
    expect((await wallet.reserve(tomorrow, shop.ledger)).voucher.cumulative).toBe('101');
  });
});

describe('the rows on disk', () => {
  it('are the same after a restart, open tickets included', async () => {
    const shop = openShop();
    await shop.serve(wallet, await wallet.reserve(shop.request(10n), shop.ledger), 6n);
    const [open] = await Promise.all([20n, 30n].map((most) => wallet.reserve(shop.request(most), shop.ledger)));
    await reopen();
    expect(await wallet.totals()).toMatchObject({ spentToday: 6n, couldLose: 50n, channels: 1 });
    await shop.serve(wallet, open!, 20n);
    expect(await wallet.totals()).toMatchObject({ spentToday: 26n, couldLose: 30n, channels: 1 });
    const next = await wallet.reserve(shop.request(5n), shop.ledger);
    expect(next).toMatchObject({ channel: open!.channel, voucher: { cumulative: '61' }, couldLose: 35n });
    expect(shop.deposits).toEqual([320n]);
  });

  it('belong to one process', () => {
    const module = join(import.meta.dirname, 'database.ts');
    const script = `import { openWalletDatabase } from ${JSON.stringify(module)};
      await openWalletDatabase(process.argv[1]).catch((error) => console.log(error.code, error.message));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script, folder], { encoding: 'utf8' });
    expect(stdout).toContain('WALLET_DAMAGED');
    expect(stdout).toContain('another process holds it');
  });

  it('are refused when a row cannot be read', async () => {
    const shop = openShop();
    const { channel } = await wallet.reserve(shop.request(10n), shop.ledger);
    await wallet.close();
    const key = Buffer.from(`channel/${channel}`);
    const put = async (row: string) => {
      const rows = await openRows(folder);
      const before = rows.get(key)!.toString();
      await rows.batch([{ key, value: Buffer.from(row) }]);
      await rows.close();
      return before;
    };
    const row = await put('{');
    for (const damaged of ['{', row.replace('"deposit":"320"', '"deposit":"x"'), row.replace('"payer":"0x', '"payer":"')]) {
      await put(damaged);
      await expect(open()).rejects.toMatchObject({ code: 'WALLET_DAMAGED', message: expect.stringContaining(folder) });
    }
    await put(row);
    wallet = await open();
    expect((await wallet.totals()).couldLose).toBe(10n);
  });
});
