import { openLocalWallet, type LocalWalletOptions } from '../wallet/local-wallet.ts';
import { openLevelDatabase } from '../wallet/database.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { accountKey } from './account-key.ts';
import { splitRows } from './account-rows.ts';

/**
 * The wallets of one payer: its own, and one for each account. All pay from the credit that providers granted to the
 * payer, and the cap per day is for all of them. Each has channels and a voucher key of its own: what one of them
 * signed, was shown or lost is nothing to the others.
 */
export interface Accounts {
  /** The payer's own wallet, which belongs to no account. */
  readonly own: Wallet;
  /** The wallet of an account, which is made when it is first asked for. @throws ClientError WALLET_DAMAGED */
  of(id: string): Promise<Wallet>;
  /** Accounts that have paid, or were asked for. */
  ids(): string[];
  close(): Promise<void>;
}

/**
 * Opens all wallets on one database; one process at a time may hold it.
 *
 * @throws ClientError WALLET_DAMAGED
 */
export async function openAccounts(options: Omit<LocalWalletOptions, 'together' | 'voucherKey'>): Promise<Accounts> {
  const { directory, privateKey, openDatabase = openLevelDatabase } = options;
  const database = await openDatabase(directory);
  try {
    const split = await splitRows(database);
    const shared: LocalWalletOptions = { ...options, together: new Set() };
    const own = await openLocalWallet({ ...shared, openDatabase: async () => split.rows(null) });
    const wallets = new Map<string, Promise<Wallet>>();
    const of = (id: string): Promise<Wallet> => {
      const voucherKey = accountKey(privateKey, id);
      const wallet = wallets.get(id) ?? openLocalWallet({ ...shared, voucherKey, openDatabase: async () => split.rows(id) });
      wallets.set(id, wallet);
      return wallet;
    };
    await Promise.all(split.ids.map(of)); // what each signed today counts
    return {
      own,
      of,
      ids: () => [...wallets.keys()],
      async close() {
        for (const wallet of [own, ...(await Promise.all(wallets.values()))]) await wallet.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
