import type { OwnVoucher } from '@tributary/proof';
import type {
  AboutChannel,
  ChannelTerms,
  Offer,
  OpenChannel,
  Receipt,
  SignedIdentity,
  SignedOffer,
  Ticket,
  ToldChannel,
  Voucher,
} from '@tributary/schemas';

/**
 * Limits of spending, checked before anything is signed and outside the reach of whoever asks the questions. Null: no
 * cap.
 */
export interface SpendCaps {
  perCall: bigint | null;
  /** Most that is signed in one day (UTC), answered or not. */
  perDay: bigint | null;
  /** Most that one top-up locks. */
  deposit: bigint;
}

/** Whom a channel is with: a provider that changes its receipt key is another. */
export interface Provider {
  did: string;
  receiptSigner: string;
}

/** What the wallet needs to know of a payee, all of it proven by the provider's identity and offer. */
export interface PayeeFacts extends Provider {
  payee: string;
  network: Offer['network'];
  maxInFlight: number;
}

/**
 * The provider's ledger, as functions so that the wallet needs no link. A refusal is an error with the provider's code.
 */
export interface ProviderLedger {
  credit(payer: string): Promise<bigint>;
  open(request: OpenChannel): Promise<ToldChannel>;
  read(about: AboutChannel): Promise<ToldChannel>;
  close(about: AboutChannel): Promise<ToldChannel>;
}

/** One reserved payment: send `ticket` and `voucher`, then acknowledge its receipt or release it. */
export interface Payment {
  channel: string;
  terms: ChannelTerms;
  ticket: Ticket;
  voucher: Voucher;
  /** What could be lost at most on this channel now: signed and not acknowledged. */
  couldLose: bigint;
  /** By how much this payment raised what was signed. */
  raised: bigint;
  /** What was signed and by whom, when this process just did; a verifier need not recover its signer. */
  signed?: OwnVoucher;
}

export interface PaymentRequest {
  payee: PayeeFacts;
  offerHash: string;
  requestHash: string;
  ticketId: string;
  maxCharge: bigint;
  deadline: number;
  /** Kept with the ticket; left out, the ticket cannot be asked again. */
  origin?: TicketOrigin;
  /** The payment of the same question that was refused before: both together promise no more than `maxCharge`. */
  before?: Payment | null;
}

/**
 * What asking a ticket again takes beside the ticket: the same bytes, and the statements that its answer is checked
 * against.
 */
export interface TicketOrigin {
  nonce: string;
  /** Exact text of the request. */
  body: string;
  offer: SignedOffer;
  identity: SignedIdentity;
}

/** A payment whose answer was lost. */
export interface LostPayment {
  payment: Payment;
  origin: TicketOrigin;
}

/** Asks once more with the same ticket and bytes, and acknowledges what comes. */
export type AskAgain = (lost: LostPayment) => Promise<void>;

/** What the wallet holds with one provider. Amounts in the ledger's smallest unit. */
export interface ProviderTotals extends Provider {
  /** Ids of the channels that are open with it, lost ones included until they are closed. */
  channels: string[];
  /** Credit that no channel has locked, as the provider told last. */
  available: bigint;
  /** Deposits of these channels. */
  locked: bigint;
  /** Charged for answers that were verified. */
  spent: bigint;
  /** Charged, as the provider states, for answers that did not arrive. */
  unanswered: { count: number; amount: bigint };
  /**
   * Channels given up because the provider contradicts this wallet, and what was signed in them beyond what was
   * answered.
   */
  lost: { count: number; amount: bigint };
}

/** Amounts over all providers. `granted` is what is available, locked, or was charged in channels that are closed. */
export interface WalletTotals {
  granted: bigint;
  locked: bigint;
  spent: bigint;
  /** Spent without an answer: charges that never came, and lost channels in full. */
  writtenOff: bigint;
  /** Signed and not acknowledged, over all channels that are not lost. */
  couldLose: bigint;
  /** Booked as spent since midnight UTC, with or without an answer. */
  spentToday: bigint;
  /** Signed since midnight UTC: what the cap per day limits. */
  signedToday: bigint;
  /** Channels that questions are paid from. */
  channels: number;
  providers: ProviderTotals[];
}

/** A payer's wallet. Implementations are durable: what was signed is never forgotten in a way that signs more. */
export interface Wallet {
  /** Address of the voucher signer and payer. */
  readonly address: string;
  /**
   * Checks the caps, waits for room in flight, at most until the ticket's deadline, opens the channel or tops it up
   * when needed, persists the ticket and signs.
   *
   * @throws ClientError SPEND_CAP, PAYMENT_NEEDED, WALLET_WRITE, ABORTED, ASK_TIMEOUT when no room came in time; what
   * the ledger throws
   */
  reserve(request: PaymentRequest, ledger: ProviderLedger, signal?: AbortSignal): Promise<Payment>;
  /**
   * Books a verified receipt, in memory at once and on disk soon.
   *
   * @throws ProofError RECEIPT_CHAIN when it contradicts the ones before; the channel is lost then
   */
  acknowledge(payment: Payment, receipt: Receipt, receiptHash: string): Promise<void>;
  /** Gives a refused ticket back, in memory at once and on disk soon. */
  release(payment: Payment): Promise<void>;
  /**
   * Says that nobody waits for this payment's answer any more: if its ticket is still open, the next `resync` settles
   * it.
   *
   * @param differ the provider refused it because it booked something else
   */
  doubt(payment: Payment, differ: boolean): void;
  /**
   * Brings the channel with a payee in line with the provider's signed state, when it is in doubt
   * (docs/spec/payment.md); costs nothing otherwise. Call it before each `reserve`. Concurrent calls share one run.
   *
   * @throws ProofError CHANNEL_STATE; what the ledger throws; nothing new may be promised to the payee then
   */
  resync(payee: PayeeFacts, ledger: ProviderLedger, askAgain: AskAgain): Promise<void>;
  /**
   * Ends a channel and takes back what was not charged. May be repeated.
   *
   * @param receiptSigner who signs for the provider today
   * @returns what is credit again
   * @throws ClientError CHANNEL_BUSY while questions wait for answers; ProofError CHANNEL_STATE; what the ledger throws
   */
  closeChannel(channel: string, receiptSigner: string, ledger: ProviderLedger): Promise<bigint>;
  totals(): Promise<WalletTotals>;
  close(): Promise<void>;
}
