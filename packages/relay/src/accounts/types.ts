import type { OpenClient } from '@tributary/client';
import type { ApiKeyInfo } from '../api-keys/types.ts';

/** The parts of a gateway's client that hold its accounts: wallets, one per key that ever paid. */
export type AccountsClient = Pick<OpenClient, 'wallet' | 'accounts' | 'closeChannel'>;

/** What a key's account holds and has paid, in the ledger's smallest unit (docs/spec/api-keys.md#accounts). */
export interface AccountTotals {
  /** Number of open channels. */
  channels: number;
  locked: bigint;
  spent: bigint;
  writtenOff: bigint;
  couldLose: bigint;
}

/** A key with its account; null when it never paid, or when the gateway does not run. */
export interface ListedKey extends ApiKeyInfo {
  account: AccountTotals | null;
}
