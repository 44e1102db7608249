import type { ApiKeyInfo } from '../api-keys/types.ts';
import type { Log } from '../observe/log.ts';
import type { AccountsClient } from './types.ts';

/**
 * Closes a channel, whichever wallet of the gateway has it.
 *
 * @returns the amount that is credit again
 * @throws ClientError CHANNEL_NOT_OPEN, CHANNEL_BUSY, NO_PROVIDER; the errors of the provider's ledger
 */
export async function closeChannel(client: AccountsClient, channel: string): Promise<bigint> {
  for (const id of client.accounts.ids()) {
    const wallet = await client.accounts.of(id);
    const { providers } = await wallet.totals();
    if (providers.some(({ channels }) => channels.includes(channel))) return client.closeChannel(channel, wallet);
  }
  return client.closeChannel(channel);
}

/**
 * Closes the channels of accounts whose key is revoked, expired or forgotten. What was not charged becomes the payer's
 * credit again. A channel that cannot be closed now stays open until the next run.
 */
export async function closeEnded(client: AccountsClient, keys: readonly ApiKeyInfo[], log: Log): Promise<void> {
  const active = new Set(keys.filter(({ state }) => state === 'active').map(({ id }) => id));
  for (const id of client.accounts.ids().filter((one) => !active.has(one))) {
    const wallet = await client.accounts.of(id);
    const { providers } = await wallet.totals();
    for (const channel of providers.flatMap(({ channels }) => channels)) {
      try {
        log.info('account-channel-closed', {
          account: id,
          channel,
          refunded: String(await client.closeChannel(channel, wallet)),
        });
      } catch (error) {
        log.warn('account-channel-open', { account: id, channel, error });
      }
    }
  }
}
