import { checkChannelState, signAboutChannel, signOpenChannel } from '@tributary/proof/payment';
import { toHex } from '@tributary/proof/primitives';
import { isTributaryError, type ChannelState as ToldState } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { dropChannel, forgetChannel, loseChannel, tallyOf, type Books, type Channel } from './books.ts';
import { newestReceipt } from './channel-state.ts';
import { depositQuestions, topUpQuickMs } from './limits.ts';
import { channelGone, channelRow, partyOf, tallyRow } from './rows.ts';
import type { ProviderLedger } from './wallet.ts';

/**
 * Opens a channel, or locks more in it, until `needed` in all is locked. What is asked for is on disk before it is sent and is asked for
 * again after a lost reply; a total, so that nothing is locked twice.
 *
 * @throws ClientError PAYMENT_NEEDED when the payer holds less with the provider; what the ledger throws
 */
export async function fund(
  books: Books,
  channel: Channel,
  ledger: ProviderLedger,
  needed: bigint,
  maxCharge: bigint,
): Promise<void> {
  const { state } = channel;
  if (state.asked > state.deposit)
    await lock(books, channel, ledger).catch((error: unknown) => {
      if (state.asked > state.deposit) throw error; // else it was refused for good: ask for what is needed now
    });
  if (state.deposit >= needed || !books.channels.has(state.channel)) return;
  const least = needed - state.deposit;
  const available = await affordable(books, channel, ledger, least);
  const quick = books.now() - channel.toppedUp.at < topUpQuickMs;
  const usual = quick ? 2n * channel.toppedUp.amount : BigInt(depositQuestions) * maxCharge;
  const wanted = usual < books.caps.deposit ? usual : books.caps.deposit;
  const more = wanted < least ? least : wanted < available ? wanted : available;
  state.asked = state.deposit + more;
  channel.toppedUp = { at: books.now(), amount: more };
  await books.writer.write([channelRow(state)], { sync: true }).catch((error: unknown) => {
    state.asked = state.deposit; // it was not sent, and must not be before it is on disk
    throw error;
  });
  await lock(books, channel, ledger);
}

/** What the payer holds. Before another channel is opened, and when it is too little, channels that were given up are closed. */
async function affordable(books: Books, { state }: Channel, ledger: ProviderLedger, least: bigint): Promise<bigint> {
  const tally = tallyOf(books, state.provider);
  tally.available = await ledger.credit(books.address);
  if (tally.available < least || state.deposit === 0n) {
    const lost = [...books.channels.values()].filter(
      (one) => one.state.lost && partyOf(one.state.provider) === partyOf(state.provider),
    );
    for (const one of lost) await closeChannel(books, one, state.provider.receiptSigner, ledger).catch(() => undefined);
    if (lost.length > 0) tally.available = await ledger.credit(books.address);
  }
  if (tally.available >= least) return tally.available;
  throw new ClientError(
    'PAYMENT_NEEDED',
    `the query needs ${least} more and this wallet holds ${tally.available} with the provider; its owner can grant more: tributary credit grant ${books.address} AMOUNT`,
  );
}

async function lock(books: Books, channel: Channel, ledger: ProviderLedger): Promise<void> {
  const { state } = channel;
  const { asked } = state;
  const nonce = toHex(books.randomBytes(32));
  const opening = signOpenChannel(state.terms, { deposit: String(asked), nonce }, state.network, books.privateKey);
  const newest = newestReceipt(state);
  const reply = await ledger.open(opening).catch((error: unknown) => refused(books, channel, error));
  const told = check(channel, reply, nonce, state.provider.receiptSigner);
  if (told.closed) return dropChannel(books, channel, told, newest);
  if (state.deposit === 0n && told.sequence > 0) loseChannel(books, channel); // an old copy of the wallet does not know what was signed in it
  const { deposit } = told;
  if (BigInt(deposit) < asked)
    throw new ClientError('PAYMENT_NEEDED', `the provider did not lock ${asked} in channel ${state.channel.slice(0, 12)}…`);
  const tally = tallyOf(books, state.provider);
  const rest = tally.available - BigInt(deposit) + state.deposit;
  tally.available = rest > 0n ? rest : 0n; // it may have been locked before a reply was lost
  state.deposit = state.asked = BigInt(deposit);
  books.writer.writeSoon([channelRow(state), tallyRow(tally)]); // what is promised next is synced after it
}

/** Only the provider's definitive refusal says that nothing was locked; the row of a channel that never was goes then. */
function refused(books: Books, channel: Channel, error: unknown): never {
  const { state } = channel;
  if (isTributaryError(error) && (error.code === 'CREDIT_INSUFFICIENT' || error.code === 'CHANNEL_TERMS')) {
    state.asked = state.deposit;
    books.writer.writeSoon([state.deposit === 0n ? channelGone(state.channel) : channelRow(state)]);
    if (state.deposit === 0n) forgetChannel(books, channel);
  }
  throw error;
}

/** Reads what the provider has booked of a channel. */
export async function readChannel(books: Books, channel: Channel, ledger: ProviderLedger): Promise<ToldState> {
  const { about, nonce } = aboutOf(books, channel, 'channelState');
  return check(channel, await ledger.read(about), nonce, channel.state.provider.receiptSigner);
}

/** Ends a channel, lost or not. @returns what is credit again */
export async function closeChannel(
  books: Books,
  channel: Channel,
  receiptSigner: string,
  ledger: ProviderLedger,
): Promise<bigint> {
  const { about, nonce } = aboutOf(books, channel, 'closeChannel');
  const newest = newestReceipt(channel.state);
  const told = check(channel, await ledger.close(about), nonce, receiptSigner);
  if (!told.closed) throw new ClientError('CHANNEL_BUSY', 'the provider did not close the channel; try again later');
  const refunded = BigInt(told.deposit) - BigInt(told.chargedTotal);
  tallyOf(books, channel.state.provider).available += refunded;
  dropChannel(books, channel, told, newest);
  return refunded;
}

function aboutOf(books: Books, { state }: Channel, method: 'channelState' | 'closeChannel') {
  const nonce = toHex(books.randomBytes(32));
  return { about: signAboutChannel(method, { channel: state.channel, nonce }, state.network, books.privateKey), nonce };
}

const check = (
  { state }: Channel,
  told: Parameters<typeof checkChannelState>[0],
  nonce: string,
  receiptSigner: string,
): ToldState => checkChannelState(told, { channel: state.channel, nonce, receiptSigner, network: state.network });
