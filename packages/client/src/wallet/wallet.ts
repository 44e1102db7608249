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

/** Spending limits, checked before anything is signed. Whoever asks the questions cannot change them. Null: no cap. */
export interface SpendCaps {
  perCall: bigint | null;
  /** Most that is signed in one day (UTC), whether answered or not. */
  perDay: bigint | null;
  /** Most that one top-up locks. */
  deposit: bigint;
}

/** The other party of a channel. A provider that changes its receipt key is another party. */
export interface Provider {
  did: string;
  receiptSigner: string;
}

/** What the wallet needs to know of a payee, all proven by the provider's identity and offer. */
export interface PayeeFacts extends Provider {
  payee: string;
  network: Offer['network'];
  maxInFlight: number;
}

/**
 * The provider's ledger, as functions, so that the wallet needs no link. A refusal is an error with the provider's
 * code.
 */
export interface ProviderLedger {
  credit(payer: string): Promise<bigint>;
  open(request: OpenChannel): Promise<ToldChannel>;
  read(about: AboutChannel): Promise<ToldChannel>;
  close(about: AboutChannel): Promise<ToldChannel>;
}

/** One reserved payment. Send `ticket` and `voucher`, then acknowledge its receipt or release it. */
export interface Payment {
  channel: string;
  terms: ChannelTerms;
  ticket: Ticket;
  voucher: Voucher;
  /** The most that could be lost on this channel now: signed but not acknowledged. */
  couldLose: bigint;
  /** How much this payment raised the signed amount. */
  raised: bigint;
  /** Set when this process just signed it, so that a verifier need not recover the signer. */
  signed?: OwnVoucher;
}

export interface PaymentRequest {
  payee: PayeeFacts;
  offerHash: string;
  requestHash: string;
  ticketId: string;
  maxCharge: bigint;
  deadline: number;
  /** Stored with the ticket. Without it, the ticket cannot be asked again. */
  origin?: TicketOrigin;
  /** The most that a top-up for this question may lock, if it needs no more. Null or left out: the wallet's cap. */
  mostLocked?: bigint | null;
  /** The refused payment of the same question. Both together promise no more than `maxCharge`. */
  before?: Payment | null;
}

/** What is needed to ask a ticket again: the same bytes, and the statements that its answer is checked against. */
export interface TicketOrigin {
  nonce: string;
  /** Exact text of the request. */
  body: string;
  offer: SignedOffer;
  identity: SignedIdentity;
  /** The key that its caller gave the question. */
  key?: QuestionKey;
}

/** The name that a caller gave a question, so that it is paid once however often it is repeated. */
export interface QuestionKey {
  name: string;
  /** Hash of the question. */
  question: string;
}

/** A payment whose answer was lost. */
export interface LostPayment {
  payment: Payment;
  origin: TicketOrigin;
}

/** How asking again ended: with the answer, with a refusal for good, or with one that says nothing about the answer. */
export type Again = 'answered' | 'over' | 'later';

/** Asks again with the same ticket and bytes, keeps the answer for its caller, and acknowledges it. */
export type AskAgain = (lost: LostPayment) => Promise<Again>;

/** Which answers a resync gets although nobody pays: it says whether a ticket is asked again before it is charged. */
export type Wanted = (key: QuestionKey | undefined) => boolean;

/** A ticket whose answer nobody got yet, and whom to ask for it. */
export interface WaitingTicket {
  payee: PayeeFacts;
  /** Absent when it cannot be asked again. */
  origin?: TicketOrigin;
}

/** The wallet's totals with one provider, in the ledger's smallest unit. */
export interface ProviderTotals extends Provider {
  /** Ids of the open channels with it, including lost ones until they are closed. */
  channels: string[];
  /** Credit not locked in a channel, as the provider stated last. */
  available: bigint;
  /** Deposits of these channels. */
  locked: bigint;
  /** What of these deposits can still be spent: not charged, and in no lost channel. */
  unspent: bigint;
  /** Charged for verified answers. */
  spent: bigint;
  /** Charged, as the provider states, for answers that did not arrive. */
  unanswered: { count: number; amount: bigint };
  /** Channels given up because the provider contradicts this wallet, and what was signed in them beyond the answers. */
  lost: { count: number; amount: bigint };
}

/** Amounts over all providers. `granted` is what is available, locked, or charged in closed channels. */
export interface WalletTotals {
  granted: bigint;
  locked: bigint;
  spent: bigint;
  /** Spent without an answer: charges whose answers never came, and the full amount of lost channels. */
  writtenOff: bigint;
  /** Signed but not acknowledged, over all channels that are not lost. */
  couldLose: bigint;
  /** Booked as spent since midnight UTC, with or without an answer. */
  spentToday: bigint;
  /** Signed since midnight UTC. The cap per day limits this. */
  signedToday: bigint;
  /** Channels that questions are paid from. */
  channels: number;
  providers: ProviderTotals[];
}

/**
 * A payer's wallet. Implementations are durable: a signed amount is never forgotten in a way that would let them sign
 * more.
 */
export interface Wallet {
  /** Address of the payer, whom providers grant credit to. */
  readonly address: string;
  /**
   * Checks the caps, waits for room in flight (at most until the ticket's deadline), opens the channel or tops it up if
   * necessary, stores the ticket and signs.
   *
   * @throws ClientError SPEND_CAP, PAYMENT_NEEDED, WALLET_WRITE, ABORTED, ASK_TIMEOUT when there was no room in time;
   *   the errors of the ledger
   */
  reserve(request: PaymentRequest, ledger: ProviderLedger, signal?: AbortSignal): Promise<Payment>;
  /**
   * Books a verified receipt, in memory at once and on disk with the next rows, at most a second later.
   *
   * @throws ProofError RECEIPT_CHAIN when it contradicts earlier receipts; then the channel is lost
   */
  acknowledge(payment: Payment, receipt: Receipt, receiptHash: string): Promise<void>;
  /**
   * Notes that the answer of an acknowledged payment is in the hands of whoever asked, or kept for them. Until then its
   * ticket survives the process, and `resync` asks for the answer again.
   */
  delivered(payment: Payment): void;
  /** Notes that nobody got the answer of an acknowledged payment. The provider is asked for it again. */
  missed(payment: Payment): void;
  /** Releases a refused ticket, in memory at once and on disk soon. */
  release(payment: Payment): Promise<void>;
  /**
   * Notes that nobody waits for this payment's answer any more. If its ticket is still open, the next `resync` settles
   * it.
   *
   * @param differ the provider refused it because it booked something else
   */
  doubt(payment: Payment, differ: boolean): void;
  /**
   * Brings a channel in doubt in line with the provider's signed state (docs/spec/payment.md); otherwise does nothing.
   * Call it before each `reserve`. Concurrent calls share one run.
   *
   * @param wanted also when nothing is in doubt, to get answers that nobody waits for
   * @throws ProofError CHANNEL_STATE; the errors of the ledger; then nothing new may be promised to the payee
   */
  resync(payee: PayeeFacts, ledger: ProviderLedger, askAgain: AskAgain, wanted?: Wanted): Promise<void>;
  /** Tickets whose answers nobody waits for and nobody got. */
  waiting(): WaitingTicket[];
  /**
   * Closes a channel and takes back what was not charged. Repeating it is allowed.
   *
   * @param receiptSigner the provider's present receipt signer
   * @returns the amount that is credit again
   * @throws ClientError CHANNEL_BUSY while questions wait for answers; ProofError CHANNEL_STATE; the errors of the
   *   ledger
   */
  closeChannel(channel: string, receiptSigner: string, ledger: ProviderLedger): Promise<bigint>;
  totals(): Promise<WalletTotals>;
  close(): Promise<void>;
}
