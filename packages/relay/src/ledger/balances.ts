import { breakOfChain, channelId, type Network } from '@tributary/proof/payment';
import type { ChannelTerms, HeldVoucher } from '@tributary/schemas';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { type LedgerEntry } from './entries.ts';

/** Credit of one payer, in the ledger's smallest unit. Invariant: `granted = available + locked + spent`. */
export interface Account {
  granted: bigint;
  /** Not locked in a channel. */
  available: bigint;
  /** Deposits of open channels, including what was charged in them. */
  locked: bigint;
  /** Charges of closed channels. */
  spent: bigint;
}

export interface LedgerChannel {
  readonly id: string;
  readonly terms: ChannelTerms;
  deposit: bigint;
  /** Sum of all charges; never above the deposit. */
  charged: bigint;
  /** Number and hash of the last receipt. */
  sequence: number;
  receiptHash: string;
  /** Highest cumulative amount of a voucher on disk, and that voucher. */
  best: bigint;
  voucher: HeldVoucher | null;
  closed: boolean;
}

/** What one index earned on one day (UTC, by the time of the entries). */
export interface Earned {
  readonly day: string;
  readonly index: string;
  /** Number of receipts, including those that cost nothing. */
  answers: number;
  charged: bigint;
}

/** All balances of a ledger, a pure function of its entries. */
export interface Balances {
  readonly network: Network;
  readonly accounts: Map<string, Account>;
  readonly channels: Map<string, LedgerChannel>;
  /** Open channels by payer. */
  readonly openOf: Map<string, number>;
  /** By {@link earnedKey}. Days ascend unless the clock was set back. */
  readonly earned: Map<string, Earned>;
}

type EntryOf<Type extends LedgerEntry['type']> = Extract<LedgerEntry, { type: Type }>;

const AMOUNT_END = 1n << 128n;

export function createBalances(network: Network): Balances {
  return { network, accounts: new Map(), channels: new Map(), openOf: new Map(), earned: new Map() };
}

/** @returns why the entry cannot be booked, with the balances unchanged; null once it is booked */
export function bookEntry(balances: Balances, entry: LedgerEntry): string | null {
  switch (entry.type) {
    case 'grant':
      return bookGrant(balances, entry);
    case 'open':
      return bookOpen(balances, entry);
    case 'charge':
      return bookCharge(balances, entry);
    case 'close':
      return bookClose(balances, entry);
  }
}

function bookGrant({ accounts }: Balances, { payer, amount }: EntryOf<'grant'>): string | null {
  const account = accounts.get(payer) ?? { granted: 0n, available: 0n, locked: 0n, spent: 0n };
  const granted = account.granted + BigInt(amount);
  if (granted >= AMOUNT_END) return `${payer} would hold more than 2^128 units`;
  account.granted = granted;
  account.available += BigInt(amount);
  accounts.set(payer, account);
  return null;
}

function bookOpen(
  { network, accounts, channels, openOf }: Balances,
  { channel: id, terms, deposit }: EntryOf<'open'>,
): string | null {
  const known = channels.get(id);
  if (known === undefined && channelId(terms, network) !== id) return 'the channel id is not the hash of the terms';
  if (known?.closed === true) return `channel ${id} is closed`;
  const more = BigInt(deposit) - (known?.deposit ?? 0n);
  if (more <= 0n) return `a deposit of ${deposit} adds nothing to channel ${id}`;
  const account = accounts.get(terms.payer);
  if (account === undefined || account.available < more) return `${terms.payer} has less than ${more} units available`;
  account.available -= more;
  account.locked += more;
  if (known === undefined) {
    channels.set(id, {
      id,
      terms,
      deposit: more,
      charged: 0n,
      sequence: 0,
      receiptHash: ZERO_HASH,
      best: 0n,
      voucher: null,
      closed: false,
    });
    openOf.set(terms.payer, (openOf.get(terms.payer) ?? 0) + 1);
  } else {
    known.deposit += more;
  }
  return null;
}

function bookCharge({ channels, earned }: Balances, entry: EntryOf<'charge'>): string | null {
  const channel = channels.get(entry.channel);
  if (channel === undefined || channel.closed) return `channel ${entry.channel} is not open`;
  const charge = BigInt(entry.charge);
  const total = channel.charged + charge;
  const cumulative = BigInt(entry.voucher.cumulative);
  const end = { sequence: channel.sequence, hash: channel.receiptHash, total: channel.charged };
  const broken = breakOfChain(end, { sequence: entry.sequence, charge, total: BigInt(entry.chargedTotal) });
  if (broken !== null) return broken;
  if (entry.status === 'gone' && charge !== 0n) return `${charge} is charged for an answer that is gone`;
  if (total > channel.deposit || cumulative > channel.deposit)
    return `charge or voucher exceeds the deposit of ${channel.deposit}`;
  channel.charged = total;
  channel.sequence = entry.sequence;
  channel.receiptHash = entry.receiptHash;
  if (cumulative > channel.best || channel.voucher === null) {
    channel.best = cumulative;
    channel.voucher = entry.voucher;
  }
  bookEarned(earned, entry, charge);
  return null;
}

export const earnedKey = (day: string, index: string): string => `${day} ${index}`;

function bookEarned(earned: Balances['earned'], { at, index }: EntryOf<'charge'>, charge: bigint): void {
  const day = dayOf(at);
  const key = earnedKey(day, index);
  const known = earned.get(key);
  if (known === undefined) {
    earned.set(key, { day, index, answers: 1, charged: charge });
  } else {
    known.answers += 1;
    known.charged += charge;
  }
}

const DAY_MS = 86_400_000;
const lastDay = { number: -1, text: '' };

/** `YYYY-MM-DD`. The text is cached, because consecutive entries are usually of the same day. */
function dayOf(atMs: number): string {
  const number = Math.floor(atMs / DAY_MS);
  if (number !== lastDay.number) Object.assign(lastDay, { number, text: new Date(number * DAY_MS).toISOString().slice(0, 10) });
  return lastDay.text;
}

function bookClose({ accounts, channels, openOf }: Balances, entry: EntryOf<'close'>): string | null {
  const channel = channels.get(entry.channel);
  if (channel === undefined || channel.closed) return `channel ${entry.channel} is not open`;
  const refunded = channel.deposit - channel.charged;
  if (BigInt(entry.refunded) !== refunded) return `the refund ${entry.refunded} is not ${refunded}`;
  const { payer } = channel.terms;
  const account = accounts.get(payer);
  if (account === undefined) return `${payer} has no account`;
  account.locked -= channel.deposit;
  account.available += refunded;
  account.spent += channel.charged;
  channel.closed = true;
  openOf.set(payer, (openOf.get(payer) ?? 1) - 1);
  return null;
}
