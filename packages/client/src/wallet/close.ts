import { ClientError } from '../errors.ts';
import type { WalletChannel } from './channel.ts';
import { callClose } from './ledger-calls.ts';
import { keep, tell, type WalletParts } from './parts.ts';
import { dropChannel, tallyOf } from './state.ts';
import type { ProviderLedger } from './wallet.ts';

/**
 * Closes a channel, lost or not.
 *
 * @returns the amount that is credit again
 * @throws ClientError CHANNEL_BUSY; ProofError CHANNEL_STATE; the errors of the ledger
 */
export async function close(
  parts: WalletParts,
  channel: WalletChannel,
  ledger: ProviderLedger,
  receiptSigner: string,
): Promise<bigint> {
  const told = await callClose(parts, channel, ledger, receiptSigner);
  if (!told.state.closed) throw new ClientError('CHANNEL_BUSY', 'the provider did not close the channel; try again later');
  const refunded = BigInt(told.state.deposit) - BigInt(told.state.chargedTotal);
  const tally = tallyOf(parts.state, channel.provider);
  tell(parts, tally, tally.available + refunded);
  keep(parts, channel, dropChannel(parts.state, channel, told, parts.steadyNow()));
  return refunded;
}
