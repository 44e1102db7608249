// A wallet's state in memory: no key, no disk, no clock. Functions that change it return the rows to write.
import { channelId, type Network } from '@tributary/proof/payment';
import type { ChannelState, ChannelTerms } from '@tributary/schemas';
import { newChannel, outstanding, takeOver, type WalletChannel } from './channel.ts';
import type { RowChange } from './database.ts';
import { closedChannelsMax } from './limits.ts';
import { channelGone, channelRow, dayRow, partyOf, tallyRow, ticketGone, type Day, type Tally, type WalletRows } from './rows.ts';
import type { PayeeFacts, Provider } from './wallet.ts';

export interface WalletState {
  /** The channel that pays questions to a provider, by provider, payee and network. */
  readonly current: Map<string, WalletChannel>;
  /** All channels that are not closed, lost ones included, by channel id. */
  readonly channels: Map<string, WalletChannel>;
  /** Ids of channels that are closed according to a signed state. */
  readonly closed: Set<string>;
  readonly tallies: Map<string, Tally>;
  day: Day;
}

export function createWalletState({ channels, tallies, day }: WalletRows): WalletState {
  const state: WalletState = {
    current: new Map(),
    channels: new Map(),
    closed: new Set(),
    tallies: new Map(tallies.map((tally) => [partyOf(tally), tally])),
    day,
  };
  for (const channel of channels) {
    addChannel(state, channel);
    tallyOf(state, channel.provider);
  }
  return state;
}

function addChannel(state: WalletState, channel: WalletChannel): WalletChannel {
  state.channels.set(channel.channel, channel);
  if (!channel.lost) state.current.set(placeOf(channel.provider, channel.terms.payee, channel.network), channel);
  return channel;
}

/** A provider is paid at one payee and network at a time. When it names another, another channel is opened. */
const placeOf = (provider: Provider, payee: string, network: Network): string => `${partyOf(provider)} ${payee} ${network.id}`;

/** The party that a channel pays. Of its offer nothing is known here. */
export const payeeOf = ({ provider, terms: { payee }, network }: WalletChannel): PayeeFacts => ({
  ...provider,
  payee,
  network,
  maxInFlight: 1,
});

/** The channel that pays questions to a payee, if there is one. */
export const channelAt = (state: WalletState, payee: PayeeFacts): WalletChannel | undefined =>
  state.current.get(placeOf(payee, payee.payee, payee.network));

/** Adds a channel that is not opened yet. Nothing of it is on disk before its opening is sent. */
export function startChannel(
  state: WalletState,
  { did, receiptSigner, payee, network }: PayeeFacts,
  { payer, voucherSigner, salt }: Omit<ChannelTerms, 'payee'>,
): WalletChannel {
  const terms = { payer, voucherSigner, payee, salt };
  return addChannel(state, newChannel({ channel: channelId(terms, network), provider: { did, receiptSigner }, terms, network }));
}

/** Whether a channel was lost or closed. It pays no more questions then. */
export const isLeft = (state: WalletState, channel: WalletChannel): boolean =>
  channel.lost || !state.channels.has(channel.channel);

export function tallyOf(state: WalletState, { did, receiptSigner }: Provider): Tally {
  const party = partyOf({ did, receiptSigner });
  const none = () => ({ count: 0, amount: 0n });
  const fresh = { did, receiptSigner, available: 0n, charged: 0n, spent: 0n, unanswered: none(), lost: none() };
  const tally = state.tallies.get(party) ?? fresh;
  state.tallies.set(party, tally);
  return tally;
}

/** What was signed and spent on the day (UTC) of `nowMs`. A clock that was set back starts no new day. */
export function today({ day }: WalletState, nowMs: number): Day {
  const date = new Date(nowMs).toISOString().slice(0, 10);
  return date <= day.day ? day : { day: date, signed: 0n, spent: 0n };
}

/** Adds to what was signed or spent today. */
export function countToday(state: WalletState, nowMs: number, more: Partial<Omit<Day, 'day'>>): void {
  const { day, signed, spent } = today(state, nowMs);
  state.day = { day, signed: signed + (more.signed ?? 0n), spent: spent + (more.spent ?? 0n) };
}

/** Changes a channel and counts as spent what it acknowledged meanwhile, even when the change throws. */
export function booked<Result>(
  state: WalletState,
  channel: WalletChannel,
  { as, nowMs }: { as: 'spent' | 'unanswered'; nowMs: number },
  change: (tally: Tally) => Result,
): Result {
  const before = channel.acked;
  const tally = tallyOf(state, channel.provider);
  try {
    return change(tally);
  } finally {
    const charge = channel.acked - before;
    countToday(state, nowMs, { spent: charge });
    if (as === 'spent') tally.spent += charge;
    else tally.unanswered.amount += charge;
  }
}

/** The provider no longer has an answer that was booked as spent: it is booked as spent without an answer. */
export function giveUpAnswer(state: WalletState, channel: WalletChannel, ticketId: string): void {
  const charge = channel.undelivered.get(ticketId)?.charge ?? 0n;
  channel.undelivered.delete(ticketId);
  if (charge === 0n) return; // it cost nothing, or another receipt says that it is gone
  const tally = tallyOf(state, channel.provider);
  tally.spent -= charge;
  tally.unanswered = { count: tally.unanswered.count + 1, amount: tally.unanswered.amount + charge };
}

/** A provider's signed state of a channel, and the result of `newestReceipt` when it was requested. */
export interface Told {
  readonly state: ChannelState;
  readonly newest: number;
}

/**
 * Adopts the provider's state and counts what it charged without an answer.
 *
 * @throws ProofError RECEIPT_CHAIN as `takeOver`
 */
export function takeState(state: WalletState, channel: WalletChannel, told: Told, nowMs: number): void {
  booked(state, channel, { as: 'unanswered', nowMs }, (tally) => {
    tally.unanswered.count += takeOver(channel, told.state, told.newest).count;
  });
}

/** The rows of everything that a change of a channel affects. */
export const rowsOf = (state: WalletState, channel: WalletChannel): RowChange[] => [
  channelRow(channel),
  tallyRow(tallyOf(state, channel.provider)),
  dayRow(state.day),
];

/**
 * The provider contradicts this wallet. What was signed counts as spent, and the next question opens another channel.
 */
export function loseChannel(state: WalletState, channel: WalletChannel, nowMs: number): RowChange[] {
  if (channel.lost) return [];
  const tally = tallyOf(state, channel.provider);
  tally.lost = { count: tally.lost.count + 1, amount: tally.lost.amount + outstanding(channel) };
  countToday(state, nowMs, { spent: outstanding(channel) });
  channel.lost = true;
  return [...leaveChannel(state, channel), ...rowsOf(state, channel)];
}

/**
 * The provider signed that the channel is closed, so no voucher is valid any more. What is left in a lost channel is
 * not a loss.
 */
export function dropChannel(state: WalletState, channel: WalletChannel, told: Told, nowMs: number): RowChange[] {
  const charged = BigInt(told.state.chargedTotal);
  const rows: RowChange[] = [];
  try {
    if (!channel.lost) takeState(state, channel, told, nowMs);
  } catch {
    rows.push(...loseChannel(state, channel, nowMs)); // it contradicts its receipts, but it is closed
  }
  const tally = tallyOf(state, channel.provider);
  const beyond = charged > channel.signed ? channel.signed : charged;
  if (channel.lost) tally.lost.amount -= outstanding(channel) - (beyond > channel.acked ? beyond - channel.acked : 0n);
  tally.charged += charged;
  if (state.closed.size >= closedChannelsMax) state.closed.clear();
  state.closed.add(channel.channel);
  return [...rows, ...forgetChannel(state, channel), tallyRow(tally), dayRow(state.day)];
}

export function forgetChannel(state: WalletState, channel: WalletChannel): RowChange[] {
  state.channels.delete(channel.channel);
  return [...leaveChannel(state, channel), channelGone(channel.channel)];
}

function leaveChannel({ current }: WalletState, channel: WalletChannel): RowChange[] {
  const place = placeOf(channel.provider, channel.terms.payee, channel.network);
  const { open, adrift, undelivered } = channel;
  const gone = [open, adrift, undelivered].flatMap((some) => [...some.keys()]).map((id) => ticketGone(channel.channel, id));
  for (const some of [open, adrift, undelivered]) some.clear();
  if (current.get(place) === channel) current.delete(place);
  return gone;
}
