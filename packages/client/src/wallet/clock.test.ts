// A machine whose clock jumps: the budget of a day is had once, and no question waits for a day.
import { createSteadyClock } from '@tributary/runtime';
import { beforeEach, expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import { faultyDatabase } from './database.suite.ts';
import { reserveWaitMsMax } from './limits.ts';
import { openLocalWallet } from './local-wallet.ts';
import { keyOf, openShop, type Shop } from './provider.suite.ts';
import type { Wallet } from './wallet.ts';

const DAY_MS = 86_400_000;
let wall: number;
let up: number;
let wallet: Wallet;
let shop: Shop;
let pauses: number[];
const clock: Clock = {
  after(ms, run) {
    if (ms > 0) pauses.push(ms);
    const timer = setTimeout(run, Math.min(ms, 5));
    return () => clearTimeout(timer);
  },
};
beforeEach(async () => {
  [wall, up, pauses] = [1_790_000_000_000, 0, []];
  shop = openShop();
  wallet = await openLocalWallet({
    directory: 'memory',
    privateKey: keyOf(3),
    caps: { perCall: null, perDay: 25n, deposit: 1_000n },
    now: () => wall,
    steadyNow: createSteadyClock({ now: () => wall, uptimeMs: () => up }),
    randomBytes: (length) => new Uint8Array(length).fill(1),
    openDatabase: faultyDatabase().open,
    clock,
  });
});
const ask = async () =>
  shop.serve(wallet, await wallet.reserve(shop.request(10n, { deadline: wall + 15_000 }), shop.ledger), 10n);

it('has no second budget when the clock is set two days ahead for 75 seconds', async () => {
  await ask();
  await ask();
  wall += 2 * DAY_MS;
  await expect(ask()).rejects.toMatchObject({ code: 'SPEND_CAP' });
  wall += 75_000;
  up += 75_000;
  await expect(ask()).rejects.toMatchObject({ code: 'SPEND_CAP' });
  wall -= 2 * DAY_MS;
  await expect(ask()).rejects.toMatchObject({ code: 'SPEND_CAP' });
  expect(await wallet.totals()).toMatchObject({ signedToday: 20n, spentToday: 20n });
  wall += DAY_MS;
  up += DAY_MS;
  await ask();
  expect(await wallet.totals()).toMatchObject({ signedToday: 10n });
});

it('has none when the clock is set back either', async () => {
  await ask();
  await ask();
  wall -= 2 * DAY_MS;
  await expect(ask()).rejects.toMatchObject({ code: 'SPEND_CAP' });
  wall += 2 * DAY_MS;
  await expect(ask()).rejects.toMatchObject({ code: 'SPEND_CAP' });
});

it('waits for room no longer than a deadline may be away, wherever the clock goes', async () => {
  await wallet.reserve(shop.request(1n, { deadline: wall + 15_000 }), shop.ledger); // the one ticket of a new channel
  await expect(wallet.reserve(shop.request(1n, { deadline: wall + 2 * DAY_MS }), shop.ledger)).rejects.toMatchObject({
    code: 'ASK_TIMEOUT',
  });
  expect(Math.max(...pauses)).toBe(reserveWaitMsMax);
});
