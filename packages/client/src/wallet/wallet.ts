import type { OwnVoucher } from '@tributary/proof';
import type {
  ChannelTerms,
  MethodResult,
  Offer,
  OpenChannel,
  Receipt,
  SignedOffer,
  SignedIdentity,
  Ticket,
  Voucher,
} from '@tributary/schemas';

/** Limits of spending, checked before anything is signed and outside the reach of whoever asks the questions. Null: no cap. */
export interface SpendCaps {
  perCall: bigint | null;
  perDay: bigint | null;
  /** Largest deposit that is locked in one channel. */
  deposit: bigint;
}

/** What the wallet needs to know of a payee. */
export interface PayeeFacts {
  payee: string;
  network: Offer['network'];
  maxInFlight: number;
}

/** The provider's side of opening a channel, as a function so that the wallet needs no link. */
export interface ChannelOpener {
  credit(payer: string): Promise<bigint>;
  open(request: OpenChannel): Promise<MethodResult<'openChannel'>>;
}

/** One reserved payment: send `ticket` and `voucher`, then acknowledge its receipt or release it. */
export interface Payment {
  channel: string;
  terms: ChannelTerms;
  ticket: Ticket;
  voucher: Voucher;
  /** R after this ticket: what could be lost at most on this channel. */
  couldLose: bigint;
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
  /** Kept with the ticket; left out, the ticket cannot be asked again after a restart. */
  origin?: TicketOrigin;
}

/** What asking a ticket again takes beside the ticket: the same bytes, and the statements that its answer is checked against. */
export interface TicketOrigin {
  nonce: string;
  /** Exact text of the request. */
  body: string;
  offer: SignedOffer;
  identity: SignedIdentity;
}

/** A payment whose answer was lost; whether it was charged, only the provider knows. */
export interface LostPayment {
  payment: Payment;
  origin: TicketOrigin;
}

/** Asks once more with the same ticket and bytes, and acknowledges or releases it when that settles it. */
export type AskAgain = (lost: LostPayment) => Promise<void>;

/** A consumer's purse. Implementations are durable: what was signed is never forgotten in a way that signs more. */
export interface Wallet {
  /** Address of the voucher signer and payer. */
  readonly address: string;
  /**
   * Checks the caps, opens (or finds) the channel with a payee, waits for room in flight, at most until the ticket's deadline, persists
   * the ticket and signs.
   *
   * @throws ClientError SPEND_CAP, PAYMENT_NEEDED, ABORTED, ASK_TIMEOUT when no room came in time
   */
  reserve(request: PaymentRequest, opener: ChannelOpener, signal?: AbortSignal): Promise<Payment>;
  /** Books a verified receipt, in memory at once and on disk soon. @throws ProofError RECEIPT_CHAIN when it does not fit the ones before */
  acknowledge(payment: Payment, receipt: Receipt, receiptHash: string): Promise<void>;
  /** Gives a refused ticket back, in memory at once and on disk soon. */
  release(payment: Payment): Promise<void>;
  /** Says that nobody waits for this payment's answer any more. Its ticket, if still open, is asked again by the next `recover`. */
  lose(payment: Payment): void;
  /**
   * Settles what was lost on the channel with a payee, by a crash or a broken link. Call it before each `reserve`: it costs nothing when
   * nothing was lost, and concurrent calls share one run.
   *
   * @throws whatever `askAgain` throws; nothing new may be promised to the payee then
   */
  recover(payee: PayeeFacts, askAgain: AskAgain): Promise<void>;
  /**
   * Settles that vouchers fall short although nothing is open: takes over what this wallet has signed and forgotten, as its own and the
   * provider's signatures prove it, or else stops using the channel.
   */
  reconcile(payment: Payment): Promise<void>;
  /** Stops using a payment's channel whose books the provider no longer agrees with. */
  abandon(payment: Payment): Promise<void>;
  /** Spent since midnight UTC, and what could be lost at most over all channels. */
  totals(): Promise<{ spentToday: bigint; couldLose: bigint; channels: number }>;
  close(): Promise<void>;
}
