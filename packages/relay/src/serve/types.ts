import type { Lru } from '@tributary/proof/primitives';
import {
  TributaryError,
  type AskHead,
  type EmbeddingOffer,
  type ErrorCode,
  type HeldVoucher,
  type Offer,
  type Receipt,
  type RefusalHead,
  type Request,
} from '@tributary/schemas';
import type { AnswerOutcome, AnswerRecord, Embedder, Index } from '@tributary/store';
import type { LedgerChannel } from '../ledger/balances.ts';
import type { Ledger } from '../payments/ledger.ts';
import type { Reservation } from '../payments/reservations.ts';
import type { OwnOffer, OfferBook } from '../offers/shelf.ts';
import type { EmbeddingPolicy } from '../policy/embedding-policy.ts';
import type { Policy } from '../policy/policy.ts';
import type { Rate } from '../policy/rate.ts';

/** What the serve line needs of an index. */
export type AnswerSource = Pick<Index, 'info' | 'answer' | 'reached' | 'rebuild'>;

export interface ServedIndex {
  readonly index: AnswerSource;
  readonly policy: Policy;
  readonly offers: OfferBook<Offer>;
}

/** A model whose vectors are on sale. */
export interface SoldModel {
  readonly embedder: Pick<Embedder, 'digest' | 'device' | 'embedCounted'>;
  readonly policy: EmbeddingPolicy;
  readonly offers: OfferBook<EmbeddingOffer>;
}

export interface ServeDependencies {
  readonly indexes: { find(indexId: string): ServedIndex | null };
  /** The model whose vectors are on sale; absent when none are. */
  readonly model?: SoldModel;
  readonly ledger: Ledger;
  /** Signs receipts of free answers. The ledger has the same key. */
  readonly receipt: { readonly privateKey: Uint8Array };
  /** Name of the ledger's unit. */
  readonly unit: string;
  /** Unix milliseconds. */
  now(): number;
  /** Called for every reply, for metrics and the log. Codes and numbers only, no content. Must not throw. */
  observe?(event: ServeEvent): void;
  /** Called for faults of this node; their text never reaches the peer. Must not throw. */
  fault?(error: unknown): void;
}

export type ServeEvent =
  | {
      readonly kind: 'answer';
      readonly index: string;
      readonly status: Receipt['status'];
      readonly charge: bigint;
      readonly again: boolean;
      readonly to: Asker['rank'];
      /** Number of results. */
      readonly shown: number;
      /** Number of texts that were embedded. */
      readonly texts: number;
    }
  | { readonly kind: 'refusal'; readonly code: ErrorCode };

/** Who asks. */
export interface AskContext {
  readonly peer: string;
  /** True when the peer has proven the owner's key. It asks free of charge and sees private indexes. */
  readonly isOwner: boolean;
  readonly signal?: AbortSignal;
  /** Called when an answer from this index leaves for the peer, the first time or again. */
  answered?(index: string): void;
}

export type AskOutcome =
  | { readonly receipt: Receipt; readonly body: Uint8Array; readonly records: readonly AnswerRecord[] }
  | { readonly refusal: RefusalHead };

/** A refusal by this node, whose codes are known. */
export type OwnRefusal = RefusalHead & { readonly code: ErrorCode };

/** What the steps share besides the dependencies. */
export interface ServeState {
  readonly dependencies: ServeDependencies;
  /** All questions, by voucher signer or peer, and index. */
  readonly rate: Rate;
  /** Those of them that earned nothing. */
  readonly unpaid: Rate;
  readonly queue: Queue;
  /** The line of requests for embeddings, so that no question waits behind them. */
  readonly embedQueue: Queue;
  readonly tickets: Tickets;
  /** Number of repeats of the answer to a ticket, by channel and ticket. */
  readonly repeats: Lru<string, number>;
}

/** A request of any kind, as it was received. */
export interface Asked {
  readonly head: AskHead;
  /** Exact text of the request. */
  readonly text: string;
  readonly requestHash: string;
  readonly context: AskContext;
  /** The index that is asked, or the model: the name under which it is counted and booked. */
  readonly sale: string;
}

/** A parsed question. */
export interface Received extends Asked {
  readonly request: Request;
}

/** The payment for this very question, its signature checked. The channel may be closed, or pay an earlier key. */
export interface Paid {
  readonly channel: Readonly<LedgerChannel>;
  readonly voucher: HeldVoucher;
  readonly maxCharge: bigint;
}

/**
 * The name under which a question counts against the owner's rate: the signer of its voucher, or the peer that asks
 * free. One peer and payer may pay for many people, each with its own voucher signer; they must not use up each other's
 * rate.
 */
export function askerOf({ peer }: AskContext, paid: Paid | null): string {
  return paid === null ? peer : paid.channel.terms.voucherSigner;
}

/**
 * The names under which a question counts if it earns nothing. Voucher signers cost a payer nothing, but it has only
 * the credit that it was granted.
 */
export function unpaidNames({ peer }: AskContext, paid: Paid | null): string[] {
  return paid === null ? [peer] : [peer, paid.channel.terms.payer];
}

/** The client that an index works for. */
export interface Asker {
  readonly rank: 'own' | 'paid' | 'free';
  readonly peer: string;
}

/** The order in which indexes work for their clients. */
export interface Queue {
  /**
   * Runs the work when it is this client's turn.
   *
   * @throws Refused OVERLOADED
   */
  run<Result>(asker: Asker, work: () => Promise<Result>): Promise<Result>;
}

/** Makes sure that a ticket is processed once, and that a refusal ends it. */
export interface Tickets {
  /**
   * The refusal that this ticket got. A client that was told that nothing is charged may ask anew, so a late copy must
   * not be charged.
   */
  refusal(paid: Paid, ticket: string): OwnRefusal | undefined;
  /**
   * A copy of a ticket in progress gets the same outcome.
   *
   * @throws RelayError TICKET_CONFLICT for another question
   */
  once(received: Pick<Asked, 'requestHash' | 'head'>, paid: Paid | null, start: () => Promise<AskOutcome>): Promise<AskOutcome>;
}

export const rankOf = ({ isOwner }: AskContext, isPaid: boolean): Asker['rank'] => (isOwner ? 'own' : isPaid ? 'paid' : 'free');

export interface Admitted extends Received {
  /** An index that the client may see. */
  readonly served: ServedIndex;
  readonly offer: OwnOffer<Offer>;
  /** Null for a free answer. */
  readonly paid: Paid | null;
  /** Unix milliseconds. */
  readonly admittedAt: number;
}

export type Outcome = AnswerOutcome;

export interface Settled {
  readonly receipt: Receipt;
  readonly body: Uint8Array;
  /** The records that the answer names. */
  readonly records: readonly AnswerRecord[];
  /** Number of results that were not shown for this ticket before. */
  readonly shown: number;
  /** Number of texts that were embedded. Default: 0. */
  readonly texts?: number;
  /** True when the ticket was answered before. */
  readonly again: boolean;
}

/**
 * The room that a question holds for its charge and for the records that it may show. `release` gives back the rest.
 */
export interface Room {
  /** Null for a free answer. */
  readonly money: Reservation | null;
  /** Set when the answer was charged for. A paid question that earned nothing counts against a rate. */
  earned: boolean;
  release(): void;
}

/** A refusal with a code that another package raises too, or with a pause for the client. */
export class Refused extends TributaryError {
  override readonly name = 'Refused';

  constructor(code: ErrorCode, message: string, retryAfterMs: number | null = null) {
    super(code, message, { retryAfterMs });
  }
}
