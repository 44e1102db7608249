import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@tributary/proof/primitives';
import { expect, onTestFinished, test } from 'vitest';
import { faultyDatabase } from '../wallet/database.suite.ts';
import { keyOf, openShop } from '../wallet/provider.suite.ts';
import type { SpendCaps, Wallet } from '../wallet/wallet.ts';
import { accountKey } from './account-key.ts';
import { openAccounts, type Accounts } from './accounts.ts';

const NOW = 1_790_000_000_000;
let salts = 0;

function options(caps: Partial<SpendCaps> = {}) {
  return {
    directory: 'memory',
    privateKey: keyOf(3),
    caps: { perCall: null, perDay: null, deposit: 1_000n, ...caps },
    now: () => NOW,
    randomBytes: (length: number) => new Uint8Array(length).fill((salts += 1)),
  };
}
const never = async () => expect.unreachable('nothing is asked again');

/** A payer's wallets on a disk in memory. `reopen` opens them again after a power cut. */
async function open(caps?: Partial<SpendCaps>) {
  const disk = faultyDatabase();
  const shop = openShop();
  const opened = async (): Promise<Accounts> => openAccounts({ ...options(caps), openDatabase: disk.open });
  const pay = async (wallet: Wallet, charge: bigint | null, mostLocked: bigint | null = null) => {
    await wallet.resync(shop.payee, shop.ledger, never);
    const payment = await wallet.reserve(shop.request(10n, { mostLocked }), shop.ledger);
    expect(shop.admit(payment)).toBeNull();
    if (charge === null) wallet.doubt(payment, false);
    else await shop.acknowledge(wallet, payment, shop.charge(payment, charge));
    return payment;
  };
  const reopen = async () => {
    disk.powerCut();
    return opened();
  };
  return { accounts: await opened(), reopen, shop, pay };
}

test('each account has a channel and a voucher signer of its own, on the credit of one payer', async () => {
  const { accounts, shop, pay } = await open();
  const payments = [await pay(accounts.own, 7n), await pay(await accounts.of('a'), 7n), await pay(await accounts.of('b'), 7n)];
  expect(new Set(payments.map(({ channel }) => channel)).size).toBe(3);
  const signers = payments.map((payment) => shop.signerOf(payment));
  expect(new Set(signers).size).toBe(3);
  expect(payments.map(({ terms }) => terms.voucherSigner)).toEqual(signers);
  expect(new Set(payments.map(({ terms }) => terms.payer))).toEqual(new Set([accounts.own.address]));
  expect(accounts.ids()).toEqual(['a', 'b']);
  // All accounts know the credit that a provider stated to one of them.
  const free = await Promise.all([accounts.own, await accounts.of('a'), await accounts.of('b')].map((one) => one.totals()));
  expect(free.map(({ providers }) => providers[0]!.available)).toEqual([999_040n, 999_040n, 999_040n]);
});

test('the key of an account follows from the payer’s, and is another for each account and payer', () => {
  expect(toHex(accountKey(keyOf(3), 'a'))).toBe(
    // HKDF of RFC 5869, computed with Python's hmac
    '68417540b16a91d0514a261be40a9e87c82efc24d0c6e68c036d8c80f28c2be9',
  );
  expect(accountKey(keyOf(3), 'b')).not.toEqual(accountKey(keyOf(3), 'a'));
  expect(accountKey(keyOf(4), 'a')).not.toEqual(accountKey(keyOf(3), 'a'));
});

test('a crash between charge and answer leaves each account what it signed', async () => {
  const { accounts, reopen, shop, pay } = await open();
  await pay(await accounts.of('a'), 7n);
  const [a, b] = [await accounts.of('a'), await accounts.of('b')];
  const lost = await a.reserve(shop.request(10n, { ticketId: 'w'.repeat(22) }), shop.ledger);
  expect(shop.admit(lost)).toBeNull();
  shop.charge(lost, 9n);
  await pay(b, 5n);
  const after = await reopen();
  expect(after.ids().toSorted()).toEqual(['a', 'b']);
  expect(await (await after.of('a')).totals()).toMatchObject({ couldLose: 10n, locked: 320n, channels: 1 });
  await (await after.of('a')).resync(shop.payee, shop.ledger, never);
  await (await after.of('b')).resync(shop.payee, shop.ledger, never);
  const [totalsOfA, totalsOfB] = [await (await after.of('a')).totals(), await (await after.of('b')).totals()];
  expect(totalsOfA.spent + totalsOfA.writtenOff).toBe(16n);
  expect(totalsOfB.spent + totalsOfB.writtenOff).toBe(5n);
  const next = await pay(await after.of('b'), 4n);
  expect(next.terms.voucherSigner).toBe(shop.signerOf(next));
});

test('a channel that a provider denies is lost to one account, and the others keep theirs', async () => {
  const { accounts, shop, pay } = await open();
  const [a, b] = [await accounts.of('a'), await accounts.of('b')];
  const { channel } = await pay(a, 7n);
  await pay(b, 7n);
  await pay(a, null);
  shop.channels.delete(channel);
  await a.resync(shop.payee, shop.ledger, async () => 'over');
  expect(await a.totals()).toMatchObject({ channels: 0, writtenOff: 10n });
  expect(await b.totals()).toMatchObject({ channels: 1, writtenOff: 0n });
  await pay(b, 7n);
});

test('the cap per day is for all of them, over a power cut', async () => {
  const { accounts, reopen, pay } = await open({ perDay: 30n });
  await pay(await accounts.of('a'), 10n);
  await pay(accounts.own, 10n);
  const after = await reopen();
  await pay(await after.of('b'), 10n);
  for (const wallet of [after.own, await after.of('a'), await after.of('c')])
    await expect(pay(wallet, 10n)).rejects.toMatchObject({ code: 'SPEND_CAP' });
});

test('a top-up locks what the question may lock at most, or what it needs', async () => {
  const { accounts, shop, pay } = await open();
  const account = await accounts.of('a');
  for (const mostLocked of [25n, 24n, 15n, 14n, 4n]) await pay(account, 10n, mostLocked);
  expect(shop.deposits).toEqual([25n, 40n, 50n]);
});

test('keeps all in one database of the folder, which one process holds', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-accounts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const here = { ...options(), directory: folder };
  const accounts = await openAccounts(here);
  const shop = openShop();
  for (const wallet of [accounts.own, await accounts.of('a')])
    await shop.serve(wallet, await wallet.reserve(shop.request(10n), shop.ledger), 7n);
  await expect(openAccounts(here)).rejects.toMatchObject({ code: 'WALLET_DAMAGED' });
  await accounts.close();
  const again = await openAccounts(here);
  expect(again.ids()).toEqual(['a']);
  for (const wallet of [again.own, await again.of('a')]) expect(await wallet.totals()).toMatchObject({ spent: 7n, channels: 1 });
  await again.close();
});
