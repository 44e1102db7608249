import type { Providers } from './discovery/types.ts';
import { ClientError } from './errors.ts';
import { ledgerOf } from './query/pay.ts';
import type { Wallet } from './wallet/wallet.ts';

/**
 * Closes one of the wallet's channels and takes back what was not charged. The provider must be reachable.
 *
 * @param channel id, 64 hex digits
 * @returns the amount that is credit again
 * @throws ClientError CHANNEL_BUSY while questions wait for answers, NO_PROVIDER when its provider is unknown now,
 *   CHANNEL_NOT_OPEN when the wallet has no such channel; the errors of the provider's ledger
 */
export async function closeChannelOf(wallet: Wallet, providers: Providers, channel: string): Promise<bigint> {
  const { providers: held } = await wallet.totals();
  const owner = held.find(({ channels }) => channels.includes(channel));
  if (owner === undefined)
    throw new ClientError('CHANNEL_NOT_OPEN', `this wallet has no open channel ${channel}; tributary balance lists them`);
  const offerOf = () => [...providers.offers(), ...providers.embeddings()].find(({ identity }) => identity.did === owner.did);
  if (offerOf() === undefined) await providers.refresh();
  const known = offerOf();
  if (known === undefined)
    throw new ClientError('NO_PROVIDER', `the provider ${owner.did} is not reachable now; the channel stays open until it is`);
  return wallet.closeChannel(channel, known.identity.receiptSigner, ledgerOf(await providers.link(known)));
}
