import type { WalletTotals } from '@tributary/client';
import type { ApiKeyInfo } from '../api-keys/types.ts';
import type { AccountsClient, AccountTotals, ListedKey } from './types.ts';

/** Keys with what their accounts hold and have paid. */
export async function withAccounts(keys: readonly ApiKeyInfo[], { accounts }: AccountsClient): Promise<ListedKey[]> {
  const paid = new Set(accounts.ids());
  const totalsOf = async (id: string) => toAccount(await (await accounts.of(id)).totals());
  return Promise.all(keys.map(async (key) => ({ ...key, account: paid.has(key.id) ? await totalsOf(key.id) : null })));
}

/** Amounts over the gateway's own wallet and all accounts, and those of each account. */
export async function allTotals({
  wallet,
  accounts,
}: AccountsClient): Promise<WalletTotals & { accounts: ({ key: string } & AccountTotals)[] }> {
  const own = await wallet.totals();
  const each = await Promise.all(accounts.ids().map(async (key) => ({ key, totals: await (await accounts.of(key)).totals() })));
  const all = each.reduce((sum, { totals }) => add(sum, totals), own);
  return { ...all, accounts: each.map(({ key, totals }) => ({ key, ...toAccount(totals) })) };
}

function toAccount({ channels, locked, spent, writtenOff, couldLose }: WalletTotals): AccountTotals {
  return { channels, locked, spent, writtenOff, couldLose };
}

/**
 * The available credit with a provider is the payer's: all of its wallets report the same amount, so it counts once.
 */
function add(a: WalletTotals, b: WalletTotals): WalletTotals {
  const providers = new Map(a.providers.map((one) => [partyOf(one), one]));
  let twice = 0n;
  for (const one of b.providers) {
    const before = providers.get(partyOf(one));
    if (before) twice += before.available < one.available ? before.available : one.available;
    providers.set(partyOf(one), before ? addProvider(before, one) : one);
  }
  return {
    granted: a.granted + b.granted - twice,
    locked: a.locked + b.locked,
    spent: a.spent + b.spent,
    writtenOff: a.writtenOff + b.writtenOff,
    couldLose: a.couldLose + b.couldLose,
    spentToday: a.spentToday + b.spentToday,
    signedToday: a.signedToday + b.signedToday,
    channels: a.channels + b.channels,
    providers: [...providers.values()],
  };
}

type ProviderTotals = WalletTotals['providers'][number];

const partyOf = ({ did, receiptSigner }: ProviderTotals): string => `${did} ${receiptSigner}`;

function addProvider(a: ProviderTotals, b: ProviderTotals): ProviderTotals {
  const sum = (one: ProviderTotals['lost'], other: ProviderTotals['lost']) => ({
    count: one.count + other.count,
    amount: one.amount + other.amount,
  });
  return {
    ...a,
    channels: [...a.channels, ...b.channels],
    available: a.available > b.available ? a.available : b.available,
    locked: a.locked + b.locked,
    unspent: a.unspent + b.unspent,
    spent: a.spent + b.spent,
    unanswered: sum(a.unanswered, b.unanswered),
    lost: sum(a.lost, b.lost),
  };
}
