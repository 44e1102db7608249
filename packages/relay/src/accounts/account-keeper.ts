import type { ApiKeys } from '../api-keys/types.ts';
import type { Log } from '../observe/log.ts';
import type { AdminMethods } from '../admin/admin-server.ts';
import { closeEnded } from './close-channels.ts';
import { withAccounts } from './totals.ts';
import type { AccountsClient } from './types.ts';

/** Looks after the accounts of a gateway's keys. */
export interface AccountKeeper {
  /** What changes in the methods for API keys when a gateway runs: a list with accounts, and an end that ends them. */
  methods(of: AdminMethods): AdminMethods;
  /** Ends the channels of accounts whose key has ended. Calls at the same time share one run. */
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
        // It is revoked whatever the providers say; a failure is logged, and tried again later.
        void (running ?? Promise.resolve()).then(closeAll, closeAll).catch(() => undefined);
        return revoked;
      },
    }),
  };
}
