// A payer with a wallet on a faulty disk, and a provider to ask; for tests that need no link.
import { createSteadyClock } from '@tributary/runtime';
import { TributaryError } from '@tributary/schemas';
import { expect } from 'vitest';
import { faultyDatabase, type FaultyDatabase } from './database.suite.ts';
import { openLocalWallet } from './local-wallet.ts';
import { keyOf, openShop, type Shop } from './provider.suite.ts';
import type { Again, AskAgain, Payment, LostPayment, ProviderLedger, SpendCaps, Wallet } from './wallet.ts';

export const MINUTE_MS = 60_000;
export const origin = {
  nonce: 'nonce',
  body: 'question',
  offer: { body: '{}', signature: 'a'.repeat(130) },
  identity: { body: '{}', signature: 'A'.repeat(86), payeeSignature: 'a'.repeat(130) },
};

export let now: number;
let up: number;
export const advance = (ms: number) => {
  now += ms;
  up += ms;
};
/** Sets the clock of the payer's machine; no time passes. */
export const setClock = (ms: number) => void (now += ms);
export let disk: FaultyDatabase;
export let shop: Shop;
export let wallet: Wallet;
let fails: { method: string; when: 'before' | 'after'; error: Error }[];
let salts = 0;
export const open = async (caps: Partial<SpendCaps> = {}) => {
  wallet = await openLocalWallet({
    directory: 'memory',
    privateKey: keyOf(3),
    caps: { perCall: null, perDay: null, deposit: 1_000n, ...caps },
    now: () => now,
    steadyNow: createSteadyClock({ now: () => now, uptimeMs: () => up }),
    elapsedMs: () => up,
    randomBytes: (length) => new Uint8Array(length).fill((salts += 1)),
    openDatabase: disk.open,
  });
};
export const restart = async (caps?: Partial<SpendCaps>) => {
  await wallet.close();
  await open(caps);
};
/** Sets up a payer with an empty wallet and a provider that it has never asked. */
export async function openPayer(): Promise<void> {
  [now, up] = [1_790_000_000_000, 0];
  disk = faultyDatabase();
  fails = [];
  shop = openShop({
    fault: (method, when) => {
      const at = fails.findIndex((one) => one.method === method && one.when === when);
      if (at >= 0) throw fails.splice(at, 1)[0]!.error;
    },
  });
  await open();
}

export const gone = () => new TributaryError('LINK_CLOSED', 'the link broke');
export const failOnce = (method: keyof ProviderLedger, when: 'before' | 'after', error: Error = gone()) =>
  fails.push({ method, when, error });
export const never = async () => expect.unreachable('nothing is asked again');
export const over = async (): Promise<Again> => 'over';
export const request = () => shop.request(10n, { deadline: now + MINUTE_MS, origin });
/** The steps of a query without a link. The whole price is charged. */
export async function ask(charge = 7n, askAgain: AskAgain = never, from = shop): Promise<Payment> {
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
/** Sends a question whose answer is lost. It may have been charged. */
export async function lose(charge: bigint | null): Promise<Payment> {
  await wallet.resync(shop.payee, shop.ledger, never);
  const payment = await wallet.reserve(request(), shop.ledger);
  if (charge !== null) {
    expect(shop.admit(payment)).toBeNull();
    shop.charge(payment, charge);
  }
  wallet.doubt(payment, false);
  return payment;
}
export const again = async ({ payment }: LostPayment): Promise<Again> => {
  expect(shop.admit(payment)).toBeNull();
  await shop.acknowledge(wallet, payment, shop.charge(payment, 7n));
  return 'answered';
};
export const provider = async () => (await wallet.totals()).providers[0]!;
