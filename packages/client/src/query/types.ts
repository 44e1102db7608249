import type { Unpinned, VerifiedAnswer } from '@tributary/proof';
import type { ErrorCode, Bundle, Filter, GatewayResult, QueryMode, Receipt, Request, Trust } from '@tributary/schemas';
import type { Clock } from '../clock.ts';
import type { KnownOffer, Providers } from '../discovery/types.ts';
import type { Link } from '../link/types.ts';
import type { Payment, Wallet } from '../wallet/wallet.ts';

/** What a caller asks. */
export interface Question {
  text?: string;
  vector?: Float32Array;
  /** Index name or id. Left out: the only index known, or up to three allowed ones. */
  index?: string;
  namespace?: string;
  topK?: number;
  filter?: Filter;
  mode?: QueryMode;
  /**
   * Share of the dense part in a hybrid score, 0 to 1. Left out: what suits the question's language and the index's
   * model.
   */
  denseWeight?: number;
  /** Results below this relevance are left out, 0 to 1. */
  minRelevance?: number;
  /** Answer only from a snapshot that includes this write. */
  minSequence?: number;
  /** Most that the query may cost, in the ledger's smallest unit. */
  maxCharge?: bigint;
}

/** What a question may cost, before anything is signed; amounts in the ledger's smallest unit. */
export interface QuoteFacts {
  most: bigint;
  /** What could be lost at most over all channels, this question included. */
  couldLose: bigint;
  unit: string;
}

/** Whoever the question is asked for, when the wallet serves several: one of them may not spend what another may. */
export interface Purse {
  /**
   * Hears what each index may cost, in the ledger's smallest unit, before anything is signed. A throw ends the
   * question, which costs nothing.
   */
  admit(parts: { index: string; most: bigint }[]): Promise<void>;
  /** A voucher for the part at that index is signed: from now on it may be charged. */
  signed(index: string): void;
}

export interface AskOptions {
  signal?: AbortSignal;
  purse?: Purse;
  /** Hears what the question may cost before the first voucher is signed. */
  onQuote?: (facts: QuoteFacts) => void;
}

/** A question whose exact bytes and nonce the caller made. */
export interface MadeBytes {
  nonce: string;
  body: string;
  maxCharge?: bigint;
}

export interface QueryContext {
  providers: Providers;
  wallet: Wallet | null;
  /** Embeds a query when the model of the index is at hand; null otherwise. */
  embed: ((text: string, modelDigest: string) => Promise<Float32Array | null>) | null;
  verifier: AnswerVerifier;
  /**
   * Keys that the asker trusts: others are refused, log and payee before anything is paid. Null: outcomes say what is
   * unpinned.
   */
  trust: Trust | null;
  /** Owners that win an ambiguous name, and whose priced indexes a question without an index may go to. */
  allowed: ((did: string) => boolean) | null;
  /** Owner whose key this client proves to its providers, which then ask for no payment; null: nobody's. */
  owner: string | null;
  /** Timers of whoever waits. */
  clock: Clock;
  now(): number;
  randomBytes(length: number): Uint8Array;
}

/** A question in the exact bytes that are paid for. */
export interface Prepared {
  known: KnownOffer;
  request: Request;
  nonce: string;
  body: Uint8Array;
  bodyText: string;
  requestHash: string;
  quote: bigint;
  deadline: number;
  /** Entries of the index's log that were known when the question was asked. */
  headSize: number;
}

/** An answer off the wire, not yet verified. */
export interface Answered {
  receipt: Receipt;
  body: Uint8Array;
  payment: Payment | null;
}

/** Checks answers; keeps what it has verified before. */
export interface AnswerVerifier {
  /** Entries of the log of an index, as last seen; 0 before the first. */
  headSize(index: string): number;
  verify(prepared: Prepared, answered: Answered, link: Link): Promise<Verified>;
}

export interface Verified {
  prepared: Prepared;
  answered: Answered;
  answer: VerifiedAnswer;
  bundle(): Bundle;
}

export interface QueryResult {
  results: GatewayResult[];
  mode: QueryMode;
  /** One entry for each index that answered. */
  answers: {
    index: string;
    snapshot: { sequence: number; at: string };
    usage: { charge: string; unit: string; receipt: string };
    couldLose: string;
    bundle(): Bundle;
  }[];
  /** Indexes that were asked and gave no verified answer, when others did. */
  failed: { index: string; code: ErrorCode; message: string }[];
  /** What all of it cost, in the one unit that every index asked uses. */
  usage: { charge: string; unit: string };
  /** True when the trust given lists every key that the answers rest on. */
  pinned: boolean;
  /** The keys that it does not list; without trust, all of them. */
  unpinned: Unpinned[];
  notProven: string[];
}
