import type { OpenClient } from '@tributary/client';
import type { ApiKeyInfo } from '../api-keys/types.ts';

/** What the accounts of a gateway are made of: the wallets of its client, one for each key that ever paid. */
export type AccountsClient = Pick<OpenClient, 'wallet' | 'accounts' | 'closeChannel'>;

/** What a key's account holds and paid, in the ledger's smallest unit (docs/spec/api-keys.md#accounts). */
export interface AccountTotals {
  /** Open channels. */
  channels: number;
  locked: bigint;
  spent: bigint;
  writtenOff: bigint;
  couldLose: bigint;
}

/** A key with its account; null when it never paid, or the gateway does not run. */
export interface ListedKey extends ApiKeyInfo {
  account: AccountTotals | null;
}
