import type { Network } from '@tributary/proof/payment';
import type { ChannelState, HeldVoucher, OpenChannel, Receipt, SignedOffer } from '@tributary/schemas';
import type { Exposure, ExposureRoom, Viewer } from '../ledger/exposure.ts';
import type { Account, LedgerChannel, Earned } from '../ledger/balances.ts';
import type { SettleOrder } from './settle.ts';
import type { JournalRow } from '../ledger/journal.ts';
import type { Hold, Reservation } from './reservations.ts';

/** Name of the unit of the embedded ledger. */
export const creditUnit = 'credit';

/** The booked state of a channel as its payer may see it. It is durable when it is returned. */
export interface BookedChannel extends Omit<ChannelState, 'nonce' | 'signature'> {
  /** The last receipt. */
  readonly receipt: Receipt | null;
}

/** The owner's exposure and holdings, in the ledger's smallest unit. */
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
  /** Reserved for requests in progress. */
  readonly reserved: bigint;
  readonly inFlight: number;
  readonly openChannels: number;
}

/**
 * Credit, channels, charges and journal of one provider (docs/spec/ledger.md). When a promise resolves, its change is
 * durable. A promise that fails with LEDGER_WRITE may or may not have taken effect; asking again tells. Refusals change
 * nothing.
 */
export interface Ledger {
  /** True where nothing can be written: every change is refused with READ_ONLY, and so is every sale. */
  readonly readOnly: boolean;
  readonly network: Network;
  /** Address that channels must pay. */
  readonly payee: string;
  account(payer: string): Readonly<Account>;
  /** The booked state of a channel, including the group that is being written; null when it is unknown. */
  channel(id: string): Readonly<LedgerChannel> | null;
  channels(): Readonly<LedgerChannel>[];
  hold(channel: string): Readonly<Hold>;
  /**
   * Grants credit to a payer.
   *
   * @throws RelayError CREDIT_INSUFFICIENT when it would exceed 2^128 units
   */
  grant(grant: { payer: string; amount: bigint; note: string }): Promise<void>;
  /**
   * Locks credit in a channel. The opening has been checked before.
   *
   * @throws RelayError CREDIT_INSUFFICIENT, CHANNEL_TERMS
   */
  openChannel(open: OpenChannel): Promise<BookedChannel>;
  /** @throws RelayError CHANNEL_UNKNOWN */
  channelState(channel: string): Promise<BookedChannel>;
  /**
   * Closes a channel and returns what was not charged.
   *
   * @throws RelayError CHANNEL_UNKNOWN, IN_FLIGHT_CAP while requests run
   */
  closeChannel(channel: string): Promise<{ refunded: bigint }>;
  /**
   * Reserves a charge, synchronously.
   *
   * @throws RelayError LEDGER_WRITE while the ledger is being read again
   */
  reserve(channel: string, maxCharge: bigint, voucher: HeldVoucher): Reservation;
  /**
   * The answer to a ticket, while it is kept.
   *
   * @throws RelayError LEDGER_WRITE, LEDGER_DAMAGED
   */
  ticket(channel: string, ticket: string): Promise<JournalRow | null>;
  /** Latest deadline of a ticket whose row was removed. Tickets up to it are over, whatever the clock says. */
  readonly ticketFloorMs: number;
  /** Books an answer and returns its receipt. The answer may leave only after that. */
  settle(order: SettleOrder, reservation: Reservation | null): Promise<Receipt>;
  /**
   * Takes room for the most records that a question may show, synchronously and before the search.
   *
   * @throws RelayError EXPOSURE_CAP; LEDGER_WRITE while the ledger is being read again
   */
  exposureRoom(viewer: Viewer, most: number): ExposureRoom;
  /**
   * Counts records that are shown for free.
   *
   * @throws RelayError EXPOSURE_CAP
   */
  expose(exposure: Exposure): Promise<void>;
  /** Offers that have not been forgotten. */
  offers(): Promise<{ hash: string; signed: SignedOffer }[]>;
  keepOffer(hash: string, signed: SignedOffer): Promise<void>;
  forgetOffers(hashes: readonly string[]): Promise<void>;
  /** Removes expired rows. To be called at intervals, also when there are no questions. */
  prune(): Promise<void>;
  risk(): MoneyAtRisk;
  /** What was charged, by index and day. */
  earnings(): Readonly<Earned>[];
  /**
   * Reads the whole chain again, whatever checkpoint the ledger was opened from. A ledger found damaged is refused
   * until it is restored.
   *
   * @throws RelayError LEDGER_DAMAGED, LEDGER_WRITE
   */
  verify(): Promise<void>;
  /** One line of JSON per entry with its hash, from entry `first` (default 1) to the last one when the export began. */
  export(first?: number): AsyncGenerator<string>;
  /** Waits for running writes and closes the files. */
  close(): Promise<void>;
}
