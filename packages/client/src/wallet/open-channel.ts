import { channelId, signOpenChannel, toHex } from '@tributary/proof';
import type { ChannelTerms } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { newChannelState, type ChannelState } from './channel-state.ts';
import type { Books } from './local-wallet.ts';
import type { ChannelOpener, PayeeFacts } from './wallet.ts';
import { channelGone, channelRow } from './wallet-disk.ts';

/**
 * Opens a channel with fresh terms, locking at most the deposit cap of what the payer holds with the payee. The terms are on disk before
 * they are sent, so a crash in between finds the same channel again.
 *
 * @throws ClientError PAYMENT_NEEDED when the payer holds less than one query may cost
 */
export async function openChannel(
  books: Books,
  payee: PayeeFacts,
  opener: ChannelOpener,
  maxCharge: bigint,
): Promise<ChannelState> {
  const deposit = await affordable(books, opener, maxCharge);
  const terms: ChannelTerms = {
    payer: books.address,
    voucherSigner: books.address,
    payee: payee.payee,
    salt: toHex(books.randomBytes(32)),
  };
  const state = newChannelState({ channel: channelId(terms, payee.network), terms, network: payee.network, deposit });
  await books.disk.write([channelRow(state)], { sync: true });
  try {
    await lock(books, state, opener, deposit);
  } catch (error) {
    await books.disk.write([channelGone(state.channel)]);
    throw error;
  }
  return state;
}

/** Locks more of the payer's credit in an open channel. */
export async function topUpChannel(books: Books, state: ChannelState, opener: ChannelOpener, maxCharge: bigint): Promise<void> {
  const deposit = state.deposit + (await affordable(books, opener, maxCharge));
  await lock(books, state, opener, deposit);
  state.deposit = deposit;
  await books.disk.write([channelRow(state)], { sync: true });
}

async function affordable(books: Books, opener: ChannelOpener, maxCharge: bigint): Promise<bigint> {
  const credit = await opener.credit(books.address);
  if (credit < maxCharge) {
    throw new ClientError(
      'PAYMENT_NEEDED',
      `the query may cost ${maxCharge} and this wallet holds ${credit} with the provider; its owner can grant more: tributary credit grant ${books.address} AMOUNT`,
    );
  }
  return credit < books.caps.deposit ? credit : books.caps.deposit > maxCharge ? books.caps.deposit : maxCharge;
}

async function lock(books: Books, state: ChannelState, opener: ChannelOpener, deposit: bigint): Promise<void> {
  const asked = { deposit: String(deposit), nonce: toHex(books.randomBytes(32)) };
  const { state: opened } = await opener.open(signOpenChannel(state.terms, asked, state.network, books.privateKey));
  if (opened.channel !== state.channel || BigInt(opened.deposit) < deposit) {
    throw new ClientError(
      'PAYMENT_NEEDED',
      `the provider did not lock the deposit of ${deposit} in channel ${state.channel.slice(0, 12)}…`,
    );
  }
}
