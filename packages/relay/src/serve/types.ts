import type { Lru } from '@tributary/proof/primitives';
import {
  TributaryError,
  type AskHead,
  type ErrorCode,
  type HeldVoucher,
  type Receipt,
  type RefusalHead,
  type Request,
} from '@tributary/schemas';
import type { AnswerOutcome, Index } from '@tributary/store';
import type { LedgerChannel } from '../ledger/balances.ts';
import type { Ledger } from '../payments/ledger.ts';
import type { Reservation } from '../payments/reservations.ts';
import type { OwnOffer, OfferBook } from '../offers/offers.ts';
import type { Policy } from '../policy/policy.ts';
import type { Rate } from '../policy/rate.ts';

/** What serving needs of an index. */
export type AnswerSource = Pick<Index, 'info' | 'answer' | 'rebuild'>;

export interface ServedIndex {
  readonly index: AnswerSource;
  readonly policy: Policy;
  readonly offers: OfferBook;
}

export interface ServeDependencies {
  readonly indexes: { find(indexId: string): ServedIndex | null };
  readonly ledger: Ledger;
  /** Signs receipts of free answers; the ledger has the same key. */
  readonly receipt: { readonly privateKey: Uint8Array };
  /** Name of the ledger's unit. */
  readonly unit: string;
  /** Unix milliseconds. */
  now(): number;
  /** Hears of every reply: for metrics and the log. Codes and numbers only, no content. Must not throw. */
  observe?(event: ServeEvent): void;
  /** Hears of faults of this node, whose text never reaches the peer. Must not throw. */
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
      /** Results shown. */
      readonly shown: number;
    }
  | { readonly kind: 'refusal'; readonly code: ErrorCode };

/** Who asks. */
export interface AskContext {
  readonly peer: string;
  /** True when the peer has proven the owner's key: it asks free of charge, and private indexes exist for it. */
  readonly isOwner: boolean;
  readonly signal?: AbortSignal;
  /** Hears that an answer from this index leaves for the peer, the first time or again. */
  answered?(index: string): void;
}

export type AskOutcome = { readonly receipt: Receipt; readonly body: Uint8Array } | { readonly refusal: RefusalHead };

/** A refusal by this node, whose codes are known. */
export type OwnRefusal = RefusalHead & { readonly code: ErrorCode };

/** What steps share beside the dependencies. */
export interface ServeState {
  readonly dependencies: ServeDependencies;
  /** All questions, by peer or payer and index. */
  readonly rate: Rate;
  /** Those that earned nothing. */
  readonly unpaid: Rate;
  readonly queue: Queue;
  readonly tickets: Tickets;
  /** How often the answer to a ticket was given again, by channel and ticket. */
  readonly repeats: Lru<string, number>;
}

/** An ask that was read. */
export interface Received {
  readonly head: AskHead;
  /** Exact text of the request. */
  readonly text: string;
  readonly request: Request;
  readonly requestHash: string;
  readonly context: AskContext;
}

/**
 * Money that was offered for this very question, its signature checked. The channel may be closed, or pay an earlier
 * key.
 */
export interface Paid {
  readonly channel: Readonly<LedgerChannel>;
  readonly voucher: HeldVoucher;
  readonly maxCharge: bigint;
}

/** Under which names a question counts against the rates. */
export function callersOf({ peer }: AskContext, paid: Paid | null): string[] {
  return paid === null ? [peer] : [peer, paid.channel.terms.payer];
}

/** For whom an index works. */
export interface Asker {
  readonly rank: 'own' | 'paid' | 'free';
  readonly peer: string;
}

/** The order in which indexes work for their askers. */
export interface Queue {
  /** Runs when it is this asker's turn. @throws Refused OVERLOADED */
  run<Result>(asker: Asker, work: () => Promise<Result>): Promise<Result>;
}

/** Sees to it that a ticket is worked on once, and that a refusal ends it. */
export interface Tickets {
  /**
   * What was refused to this ticket: whoever was told that nothing is charged may ask anew, whatever copy still
   * arrives.
   */
  refusal(paid: Paid, ticket: string): OwnRefusal | undefined;
  /**
   * Whoever asks with a ticket that is at work gets the same outcome.
   *
   * @throws RelayError TICKET_CONFLICT for another question
   */
  once(received: Received, paid: Paid | null, start: () => Promise<AskOutcome>): Promise<AskOutcome>;
}

export const rankOf = ({ isOwner }: AskContext, isPaid: boolean): Asker['rank'] => (isOwner ? 'own' : isPaid ? 'paid' : 'free');

export interface Admitted extends Received {
  /** Index that exists for the asker. */
  readonly served: ServedIndex;
  readonly offer: OwnOffer;
  /** Null for a free answer. */
  readonly paid: Paid | null;
}

export type Outcome = AnswerOutcome;

export interface Settled {
  readonly receipt: Receipt;
  readonly body: Uint8Array;
  /** Results shown that were not shown for this ticket before. */
  readonly shown: number;
  /** True for the answer to a ticket that was answered before. */
  readonly again: boolean;
}

/** Room that a question has taken for its charge and for what it may show. `release` gives back what is left of it. */
export interface Room {
  /** Null for a free answer. */
  readonly money: Reservation | null;
  /** Set when the answer was charged for; a paid question that earned nothing counts against a rate. */
  earned: boolean;
  release(): void;
}

/** A refusal with a code that another package raises too, or with a pause for the asker. */
export class Refused extends TributaryError {
  override readonly name = 'Refused';

  constructor(code: ErrorCode, message: string, retryAfterMs: number | null = null) {
    super(code, message, { retryAfterMs });
  }
}
