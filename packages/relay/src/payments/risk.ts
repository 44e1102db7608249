import type { Balances } from '../ledger/balances.ts';
import type { MoneyAtRisk } from './ledger.ts';
import type { Reservations } from './reservations.ts';

/** Sums over all accounts and channels. */
export function moneyAtRisk({ accounts, channels }: Balances, reservations: Reservations): MoneyAtRisk {
  const sums = { granted: 0n, available: 0n, locked: 0n, spent: 0n, charged: 0n, uncovered: 0n, openChannels: 0 };
  for (const account of accounts.values()) {
    sums.granted += account.granted;
    sums.available += account.available;
    sums.locked += account.locked;
    sums.spent += account.spent;
  }
  for (const { charged, best, closed } of channels.values()) {
    if (closed) continue;
    sums.openChannels += 1;
    sums.charged += charged;
    if (charged > best) sums.uncovered += charged - best;
  }
  return { ...sums, ...reservations.totals() };
}
