import { checkChannelState } from '@tributary/proof/payment';
import type { ToldChannel } from '@tributary/schemas';
import { newestReceipt, type WalletChannel } from './channel.ts';
import type { WalletParts } from './parts.ts';
import type { Told } from './state.ts';
import type { ProviderLedger } from './wallet.ts';

/**
 * Asks the provider to lock `deposit` in total.
 *
 * @throws ProofError CHANNEL_STATE; the errors of the ledger
 */
export async function callOpen({ signer }: WalletParts, channel: WalletChannel, ledger: ProviderLedger, deposit: bigint) {
  const opening = signer.opening(channel, deposit);
  const newest = newestReceipt(channel);
  return checked(channel, await ledger.open(opening), { nonce: opening.nonce, newest });
}

/**
 * Reads the provider's state of a channel.
 *
 * @throws ProofError CHANNEL_STATE; the errors of the ledger
 */
export async function callRead({ signer }: WalletParts, channel: WalletChannel, ledger: ProviderLedger): Promise<Told> {
  const { about, nonce } = signer.about('channelState', channel);
  const newest = newestReceipt(channel);
  return checked(channel, await ledger.read(about), { nonce, newest });
}

/**
 * Asks the provider to close a channel.
 *
 * @param receiptSigner the provider's present receipt signer
 * @throws ProofError CHANNEL_STATE; the errors of the ledger
 */
export async function callClose({ signer }: WalletParts, channel: WalletChannel, ledger: ProviderLedger, receiptSigner: string) {
  const { about, nonce } = signer.about('closeChannel', channel);
  const newest = newestReceipt(channel);
  return checked(channel, await ledger.close(about), { nonce, newest, receiptSigner });
}

function checked(
  channel: WalletChannel,
  told: ToldChannel,
  { nonce, newest, receiptSigner = channel.provider.receiptSigner }: { nonce: string; newest: number; receiptSigner?: string },
): Told {
  const { network } = channel;
  return { state: checkChannelState(told, { channel: channel.channel, nonce, receiptSigner, network }), newest };
}
