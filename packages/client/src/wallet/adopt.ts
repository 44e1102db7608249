import { receiptHash, recoverReceipt, recoverVoucher, signOpenChannel } from '@tributary/proof';
import type { MethodResult } from '@tributary/schemas';
import type { ChannelState } from './channel-state.ts';
import type { Books } from './local-wallet.ts';
import type { ChannelOpener } from './wallet.ts';

type Told = MethodResult<'openChannel'>;

/**
 * Takes over what a wallet that was restored from a copy, or lost its last rows to a power cut, has signed and no longer knows: the
 * provider shows a voucher above everything known here, under this wallet's own signature, and its own receipt for what it charged
 * of that. Nothing else is believed, and nothing is added to what was signed before.
 *
 * @param receiptSigner address that the provider's identity names for receipts
 * @returns what was charged and not known here; null when the provider showed no such thing, and all is as before
 */
export async function adopt(
  books: Books,
  state: ChannelState,
  receiptSigner: string,
  opener: ChannelOpener,
): Promise<bigint | null> {
  // A receipt on its way would have a number that is taken over here.
  if (state.open.size > 0) return null;
  const asked = signOpenChannel(state.terms, String(state.deposit), state.network, books.privateKey);
  const told = await opener.open(asked).catch(() => null);
  if (told === null || state.open.size > 0 || !isForgotten(books, state, told) || !isCharged(state, told, receiptSigner))
    return null;
  const { receipt, voucher } = told;
  const total = BigInt(receipt!.chargedTotal);
  const hash = receiptHash(receipt!, state.network);
  state.signed = BigInt(voucher!.cumulative);
  if (state.deposit < state.signed) state.deposit = state.signed;
  const unknown = total - state.acked;
  state.acked = total;
  state.ackedReceipt = hash;
  state.chain = { sequence: receipt!.sequence, hash, total };
  state.early.clear();
  return unknown;
}

/** This wallet signed for more than it knows. */
function isForgotten(books: Books, { channel, network, signed }: ChannelState, { voucher }: Told): boolean {
  if (voucher === null || BigInt(voucher.cumulative) <= signed) return false;
  const { cumulative, ctx, signature } = voucher;
  return recoverVoucher({ channel, cumulative, ctx }, signature, network) === books.address;
}

/** The provider's newest receipt of the channel: later than those known, and within what was signed. */
function isCharged(state: ChannelState, { receipt, voucher }: Told, receiptSigner: string): boolean {
  if (receipt === null || receipt.channel !== state.channel || receipt.sequence <= state.chain.sequence) return false;
  const total = BigInt(receipt.chargedTotal);
  if (total < state.acked || total > BigInt(voucher!.cumulative)) return false;
  return recoverReceipt(receipt, state.network) === receiptSigner;
}
