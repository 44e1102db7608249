import type { Network } from '@tributary/proof/payment';
import type { ChannelState, HeldVoucher, OpenChannel, Receipt, SignedOffer } from '@tributary/schemas';
import type { Exposure, ExposureRoom, Viewer } from '../ledger/exposure.ts';
import type { Account, LedgerChannel, Earned } from '../ledger/balances.ts';
import type { SettleOrder } from './settle.ts';
import type { JournalRow } from '../ledger/journal.ts';
import type { Hold, Reservation } from './reservations.ts';

/** Name of the embedded ledger's unit. */
export const creditUnit = 'credit';

/** What is booked of a channel, as its payer may know it; durable when it is told. */
export interface BookedChannel extends Omit<ChannelState, 'nonce' | 'signature'> {
  /** The last one. */
  readonly receipt: Receipt | null;
}

/** What the owner risks and holds, in the ledger's smallest unit. */
export interface MoneyAtRisk {
  readonly granted: bigint;
  readonly available: bigint;
  /** Deposits of open channels. */
  readonly locked: bigint;
  /** Charges of closed channels. */
  readonly spent: bigint;
  /** Charges of open channels. */
  readonly charged: bigint;
  /** Part of `charged` that no voucher covers: what payers could still refuse to pay. */
  readonly uncovered: bigint;
  /** Promised to requests in flight. */
  readonly reserved: bigint;
  readonly inFlight: number;
  readonly openChannels: number;
}

/**
 * Credit, channels, charges and journal of one provider (docs/spec/ledger.md). Every promise that resolves is durable.
 * A promise that fails with LEDGER_WRITE may or may not have taken effect: asking again finds out. Refusals change
 * nothing.
 */
export interface Ledger {
  readonly network: Network;
  /** Address that channels must pay. */
  readonly payee: string;
  account(payer: string): Readonly<Account>;
  /** A channel as booked, the group that is being written included; null when unknown. */
  channel(id: string): Readonly<LedgerChannel> | null;
  channels(): Readonly<LedgerChannel>[];
  hold(channel: string): Readonly<Hold>;
  /** Gives credit to a payer. @throws RelayError CREDIT_INSUFFICIENT when it would exceed 2^128 units */
  grant(grant: { payer: string; amount: bigint; note: string }): Promise<void>;
  /** Locks credit in a channel whose opening was checked. @throws RelayError CREDIT_INSUFFICIENT, CHANNEL_TERMS */
  openChannel(open: OpenChannel): Promise<BookedChannel>;
  /** @throws RelayError CHANNEL_UNKNOWN */
  channelState(channel: string): Promise<BookedChannel>;
  /** Returns what was not charged. @throws RelayError CHANNEL_UNKNOWN, IN_FLIGHT_CAP while requests run */
  closeChannel(channel: string): Promise<{ refunded: bigint }>;
  /** Takes room for a charge in this turn. @throws RelayError LEDGER_WRITE while the state is being read again */
  reserve(channel: string, maxCharge: bigint, voucher: HeldVoucher): Reservation;
  /** What was answered to a ticket, while it is kept. @throws RelayError LEDGER_WRITE, LEDGER_DAMAGED */
  ticket(channel: string, ticket: string): Promise<JournalRow | null>;
  /** Latest deadline of a ticket whose row was removed: tickets up to it are over, whatever the clock says. */
  readonly ticketFloorMs: number;
  /** Balances an answer and returns its receipt; the answer may leave then, not before. */
  settle(order: SettleOrder, reservation: Reservation | null): Promise<Receipt>;
  /**
   * Takes room for as many records as a question may show, in this turn and before it is searched.
   *
   * @throws RelayError EXPOSURE_CAP; LEDGER_WRITE while the state is being read again
   */
  exposureRoom(viewer: Viewer, most: number): ExposureRoom;
  /** Counts records shown for free. @throws RelayError EXPOSURE_CAP */
  expose(exposure: Exposure): Promise<void>;
  /** Offers that were made and have not been forgotten. */
  offers(): Promise<{ hash: string; signed: SignedOffer }[]>;
  keepOffer(hash: string, signed: SignedOffer): Promise<void>;
  forgetOffers(hashes: readonly string[]): Promise<void>;
  /** Removes rows whose time is over; call it now and then, also when nothing is asked. */
  prune(): Promise<void>;
  risk(): MoneyAtRisk;
  /** What was charged, by index and day. */
  earnings(): Readonly<Earned>[];
  /**
   * Reads the whole chain again, whatever the ledger was opened from. A ledger found damaged serves nothing until it is
   * restored.
   *
   * @throws RelayError LEDGER_DAMAGED, LEDGER_WRITE
   */
  verify(): Promise<void>;
  /** Every entry as one line of JSON with its hash, from entry `first` (1) to the last when the export began. */
  export(first?: number): AsyncGenerator<string>;
  /** Waits for what is being written and closes the files. */
  close(): Promise<void>;
}
