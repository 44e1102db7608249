import { openLocalWallet, type LocalWalletOptions } from '../wallet/local-wallet.ts';
import { openWalletDatabase } from '../wallet/database.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { accountKey } from './account-key.ts';
import { splitRows } from './account-rows.ts';

/**
 * The wallets of one payer: its own, and one per account. All pay from the credit that providers granted to the payer,
 * and the cap per day applies to all of them together. Each has its own channels and voucher key, so what one of them
 * signed, was shown or lost does not affect the others.
 */
export interface Accounts {
  /** The payer's own wallet, which belongs to no account. */
  readonly own: Wallet;
  /**
   * The wallet of an account, which is created on first access.
   *
   * @throws ClientError WALLET_DAMAGED
   */
  of(id: string): Promise<Wallet>;
  /** Ids of the accounts that have paid or were requested. */
  ids(): string[];
  close(): Promise<void>;
}

/**
 * Opens all wallets on one database, which only one process at a time can hold.
 *
 * @throws ClientError WALLET_DAMAGED
 */
export async function openAccounts(options: Omit<LocalWalletOptions, 'together' | 'voucherKey'>): Promise<Accounts> {
  const { directory, privateKey, openDatabase = openWalletDatabase } = options;
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
