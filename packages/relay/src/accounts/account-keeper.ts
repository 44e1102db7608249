import type { ApiKeys } from '../api-keys/types.ts';
import type { Log } from '../observe/log.ts';
import type { AdminMethods } from '../admin/admin-server.ts';
import { closeEnded } from './close-channels.ts';
import { withAccounts } from './totals.ts';
import type { AccountsClient } from './types.ts';

/** Maintains the accounts of a gateway's keys. */
export interface AccountKeeper {
  /**
   * Changes the methods for API keys while a gateway runs: the list shows accounts, and revoking a key closes its
   * channels.
   */
  methods(of: AdminMethods): AdminMethods;
  /** Closes the channels of accounts whose key has ended. Concurrent calls share one run. */
  closeEnded(): Promise<void>;
}

export function createAccountKeeper(client: AccountsClient, keys: Pick<ApiKeys, 'list'>, log: Log): AccountKeeper {
  let running: Promise<void> | null = null;
  const closeAll = () => (running ??= closeEnded(client, keys.list(), log).finally(() => (running = null)));
  return {
    closeEnded: closeAll,
    methods: ({ keyRevoke, ...others }) => ({
      ...others,
      keyList: async () => ({ keys: await withAccounts(keys.list(), client) }),
      keyRevoke: async (params, signal) => {
        const revoked = await keyRevoke!(params, signal);
        // The key is revoked whatever the providers reply. A failure is logged and tried again later.
        void (running ?? Promise.resolve()).then(closeAll, closeAll).catch(() => undefined);
        return revoked;
      },
    }),
  };
}
