import { channelId, type Network } from '@tributary/proof/payment';
import { toHex } from '@tributary/proof/primitives';
import type { ChannelState as ToldState } from '@tributary/schemas';
import type { Clock } from '../clock.ts';
import { ClientError } from '../errors.ts';
import { newChannelState, outstanding, takeOver, type ChannelState } from './channel-state.ts';
import type { RowChange } from './database.ts';
import type { GroupWriter } from './group-writer.ts';
import { closedChannelsMax } from './limits.ts';
import { channelGone, channelRow, dayRow, partyOf, tallyRow, ticketGone, type Day, type Tally, type WalletRows } from './rows.ts';
import { createTurnstile, type Turnstile } from './turnstile.ts';
import type { PayeeFacts, Provider, SpendCaps, WalletTotals } from './wallet.ts';

/** A channel at work: its book, and what is going on with it. */
export interface Channel {
  readonly state: ChannelState;
  readonly turnstile: Turnstile;
  /** The opening or top-up under way. */
  funding: Promise<void> | null;
  resyncing: Promise<void> | null;
  /** The last top-up. */
  toppedUp: { at: number; amount: bigint };
}

export interface Books {
  readonly address: string;
  readonly privateKey: Uint8Array;
  readonly caps: SpendCaps;
  readonly clock: Clock;
  now(): number;
  randomBytes(length: number): Uint8Array;
  readonly writer: GroupWriter<RowChange>;
  /** The channel that questions to a provider are paid from, by provider. */
  readonly current: Map<string, Channel>;
  /** All that are not closed, lost ones included, by channel id. */
  readonly channels: Map<string, Channel>;
  /** Ids of channels that a signed state said are closed. */
  readonly closed: Set<string>;
  readonly tallies: Map<string, Tally>;
  /** Offers whose statements are on disk. */
  readonly stated: Set<string>;
  day: Day;
}

export function createBooks(
  parts: Omit<Books, 'current' | 'channels' | 'closed' | 'tallies' | 'stated' | 'day'>,
  { channels, tallies, day, forgotten }: WalletRows,
): Books {
  const books: Books = {
    ...parts,
    current: new Map(),
    channels: new Map(),
    closed: new Set(),
    tallies: new Map(tallies.map((tally) => [partyOf(tally), tally])),
    stated: new Set(),
    day,
  };
  for (const state of channels) {
    addChannel(books, state);
    tallyOf(books, state.provider);
  }
  books.writer.writeSoon(forgotten);
  return books;
}

function addChannel(books: Books, state: ChannelState): Channel {
  const turnstile = createTurnstile(books.clock);
  const channel = { state, turnstile, funding: null, resyncing: null, toppedUp: { at: 0, amount: 0n } };
  books.channels.set(state.channel, channel);
  if (!state.lost) books.current.set(placeOf(state.provider, state.terms.payee, state.network), channel);
  return channel;
}

/** A provider is paid at one place at a time; when it says another, another channel is opened. */
const placeOf = (provider: Provider, payee: string, network: Network): string => `${partyOf(provider)} ${payee} ${network.id}`;

/** The channel that a payee's questions are paid from, when there is one. */
export const channelAt = (books: Books, payee: PayeeFacts): Channel | undefined =>
  books.current.get(placeOf(payee, payee.payee, payee.network));

/** A channel that is not opened yet. Nothing of it is on disk before its opening is sent. */
export function newChannel(books: Books, { did, receiptSigner, payee, network }: PayeeFacts): Channel {
  const provider = { did, receiptSigner };
  const terms = { payer: books.address, voucherSigner: books.address, payee, salt: toHex(books.randomBytes(32)) };
  return addChannel(books, newChannelState({ channel: channelId(terms, network), provider, terms, network }));
}

export function tallyOf(books: Books, { did, receiptSigner }: Provider): Tally {
  const party = partyOf({ did, receiptSigner });
  const none = () => ({ count: 0, amount: 0n });
  const fresh = { did, receiptSigner, available: 0n, charged: 0n, spent: 0n, unanswered: none(), lost: none() };
  const tally = books.tallies.get(party) ?? fresh;
  books.tallies.set(party, tally);
  return tally;
}

/** Changes a channel's book and counts what it acknowledged meanwhile as spent, also when the change ends in an error. */
export function booked<Result>(
  books: Books,
  { state }: Channel,
  as: 'spent' | 'unanswered',
  change: (tally: Tally) => Result,
): Result {
  const before = state.acked;
  const tally = tallyOf(books, state.provider);
  try {
    return change(tally);
  } finally {
    const charge = state.acked - before;
    books.day = { ...today(books), spent: today(books).spent + charge };
    if (as === 'spent') tally.spent += charge;
    else tally.unanswered.amount += charge;
  }
}

/** Takes the provider's state over and counts what it charged without answer. @throws ProofError RECEIPT_CHAIN as `takeOver` */
export function takeState(books: Books, channel: Channel, told: ToldState, newest: number): void {
  booked(books, channel, 'unanswered', (tally) => {
    tally.unanswered.count += takeOver(channel.state, told, newest).count;
  });
}

/** Rows of all that a change of a channel's book touches. */
export const rowsOf = (books: Books, { state }: Channel): RowChange[] => [
  channelRow(state),
  tallyRow(tallyOf(books, state.provider)),
  dayRow(books.day),
];

/** The provider contradicts these books: what was signed counts as spent, and another channel is opened for the next question. */
export function loseChannel(books: Books, channel: Channel): void {
  const { state } = channel;
  if (state.lost) return;
  const gone = [...state.open.keys()].map((id) => ticketGone(state.channel, id));
  const tally = tallyOf(books, state.provider);
  tally.lost = { count: tally.lost.count + 1, amount: tally.lost.amount + outstanding(state) };
  books.day = { ...today(books), spent: today(books).spent + outstanding(state) };
  state.lost = true;
  leave(books, channel);
  books.writer.writeSoon([...gone, ...rowsOf(books, channel)]);
}

/** The provider closed the channel, by its signed word: no voucher is good any more. What it leaves of a lost one is no loss. */
export function dropChannel(books: Books, channel: Channel, told: ToldState, newest: number): void {
  const { state } = channel;
  const charged = BigInt(told.chargedTotal);
  try {
    if (!state.lost) takeState(books, channel, told, newest);
  } catch {
    loseChannel(books, channel); // it contradicts its receipts, but closed it is
  }
  const gone = [...state.open.keys()].map((id) => ticketGone(state.channel, id));
  const tally = tallyOf(books, state.provider);
  const beyond = charged > state.signed ? state.signed : charged;
  if (state.lost) tally.lost.amount -= outstanding(state) - (beyond > state.acked ? beyond - state.acked : 0n);
  tally.charged += charged;
  if (books.closed.size >= closedChannelsMax) books.closed.clear();
  books.closed.add(state.channel);
  forgetChannel(books, channel);
  books.writer.writeSoon([...gone, channelGone(state.channel), tallyRow(tally), dayRow(books.day)]);
}

export function forgetChannel(books: Books, channel: Channel): void {
  books.channels.delete(channel.state.channel);
  leave(books, channel);
}

/** Whoever waits for room here goes on to a new channel. */
function leave(books: Books, channel: Channel): void {
  const { provider, terms, network, open } = channel.state;
  const place = placeOf(provider, terms.payee, network);
  open.clear();
  if (books.current.get(place) === channel) books.current.delete(place);
  channel.turnstile.turn();
}

/** @throws ClientError SPEND_CAP when signing `raise` more would exceed a cap */
export function checkCaps(books: Books, maxCharge: bigint, raise: bigint): void {
  const { perCall, perDay } = books.caps;
  if (perCall !== null && maxCharge > perCall)
    throw new ClientError('SPEND_CAP', `the query may cost ${maxCharge}; the cap per call is ${perCall}`);
  const promised = today(books).signed + raise;
  if (perDay !== null && promised > perDay)
    throw new ClientError('SPEND_CAP', `this query could bring today's spending to ${promised}; the cap per day is ${perDay}`);
}

export function today(books: Books): Day {
  const day = new Date(books.now()).toISOString().slice(0, 10);
  return books.day.day === day ? books.day : { day, signed: 0n, spent: 0n };
}

export function totals(books: Books): WalletTotals {
  const sums = { granted: 0n, locked: 0n, spent: 0n, writtenOff: 0n, couldLose: 0n };
  const providers = [...books.tallies.values()].map(({ charged, ...tally }) => {
    const states = [...books.channels.values()]
      .map(({ state }) => state)
      .filter((state) => partyOf(state.provider) === partyOf(tally));
    const locked = states.reduce((sum, { deposit }) => sum + deposit, 0n);
    sums.granted += tally.available + locked + charged;
    sums.locked += locked;
    sums.spent += tally.spent;
    sums.writtenOff += tally.unanswered.amount + tally.lost.amount;
    for (const state of states) if (!state.lost) sums.couldLose += outstanding(state);
    return { ...tally, locked, channels: states.filter(({ deposit }) => deposit > 0n).map(({ channel }) => channel) };
  });
  const { signed: signedToday, spent: spentToday } = today(books);
  const channels = [...books.current.values()].filter(({ state }) => state.deposit > 0n).length;
  return { ...sums, spentToday, signedToday, channels, providers };
}
