import type { Unpinned, VerifiedAnswer } from '@tributary/proof';
import type {
  Bundle,
  ErrorCode,
  Filter,
  GatewayResult,
  Offer,
  QueryMode,
  Receipt,
  Request,
  SignedOffer,
  SparseVector,
  Trust,
} from '@tributary/schemas';
import type { Clock } from '../clock.ts';
import type { KnownOffer, KnownProvider, Providers } from '../discovery/types.ts';
import type { Link, RecordBytes } from '../link/types.ts';
import type { KeptAnswers, KeptFacts, PaidProof } from '../kept/types.ts';
import type { Again, LostPayment, Payment, QuestionKey, Wallet } from '../wallet/wallet.ts';

/** What a caller asks. */
export interface Question {
  text?: string;
  vector?: Float32Array;
  /** Beside the text or the vector, or in place of them. */
  sparse?: SparseVector;
  /** Index name or id. Default: the only known index, or up to three allowed ones. */
  index?: string;
  namespace?: string;
  topK?: number;
  filter?: Filter;
  mode?: QueryMode;
  /**
   * Weight of the dense part in a hybrid score, 0 to 1. Default: depends on the question's language and the index's
   * model.
   */
  denseWeight?: number;
  /** Results below this relevance are dropped, 0 to 1. */
  minRelevance?: number;
  /** Answer only from a snapshot that includes this write. */
  minSequence?: number;
  /** Most that the query may cost, in the ledger's smallest unit. */
  maxCharge?: bigint;
}

/** What a question may cost, known before anything is signed. Amounts in the ledger's smallest unit. */
export interface QuoteFacts {
  most: bigint;
  /** The most that could be lost over all channels, including this question. */
  couldLose: bigint;
  unit: string;
}

/**
 * The account that a question is asked for, when the client serves several. One may not spend what belongs to another.
 */
export interface Purse {
  /** Pays the question; left out, the client's own wallet does. */
  readonly wallet?: Wallet;
  /** Where the answers of this account are kept. Without it, a purse with a wallet of its own keeps none. */
  readonly kept?: KeptAnswers;
  /** Most that a top-up may lock for the question; null: no bound of the purse. */
  mostLocked(): bigint | null;
  /**
   * Called before anything is signed, with what each index may cost, in the ledger's smallest unit. If it throws, the
   * question ends and costs nothing.
   */
  admit(parts: { index: string; most: bigint }[]): Promise<void>;
  /** Called when a voucher for that index is signed. From now on it may be charged. */
  signed(index: string): void;
  /** Called when it is known what was charged for that index, before the whole question is answered. */
  charged?(index: string, charge: bigint): void;
}

export interface AskOptions {
  signal?: AbortSignal;
  purse?: Purse;
  /** Called with what the question may cost, before the first voucher is signed. */
  onQuote?: (facts: QuoteFacts) => void;
  /**
   * Names the question, 1 to 128 printable ASCII characters. Asked again under the same key, it gets the kept answer,
   * which is paid once (docs/spec/delivery.md).
   */
  key?: string;
  /**
   * Called before the answer is returned, if it was paid: it counts as delivered when the caller says so. Left out, it
   * is delivered when it is returned.
   */
  onDelivery?: (delivery: Delivery) => void;
}

/** A paid answer on its way to whoever asked. One of the two is called, once. */
export interface Delivery {
  /** It is in their hands. */
  delivered(): void;
  /** They are gone: it is kept for them. */
  missed(): Promise<void>;
}

/** A verified answer of any kind. */
export interface Bought {
  prepared: Pick<Order, 'sale' | 'known'>;
  answered: Answered;
  answer: { readonly receiptHash: string };
  bundle(): PaidProof;
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
  /** Embeds a query when the model of the index is available; null otherwise. */
  embed: ((text: string, modelDigest: string) => Promise<Float32Array | null>) | null;
  verifier: AnswerVerifier;
  /**
   * Trusted keys. Others are refused; log and payee are checked before anything is paid. Null: results list what is
   * unpinned.
   */
  trust: Trust | null;
  /** Owners that win an ambiguous name, and whose priced indexes may get a question that names no index. */
  allowed: ((did: string) => boolean) | null;
  /**
   * Asks again with a ticket whose answer was lost, with the original bytes, whatever it paid for. It checks the
   * answer, keeps it and books it.
   */
  askAgain(lost: LostPayment, link: Link, context: QueryContext): Promise<Again>;
  /** Where paid answers are kept for their callers; null: nowhere. */
  kept: KeptAnswers | null;
  /** Owner whose key this client proves to its providers, which then ask for no payment; null: none. */
  owner: string | null;
  /** Timers for all waits. */
  clock: Clock;
  now(): number;
  randomBytes(length: number): Uint8Array;
}

/** A request of any kind in the exact bytes that are paid for. */
export interface Order {
  known: KnownProvider & {
    signedOffer: SignedOffer;
    offer: Pick<Offer, 'network' | 'maxInFlight' | 'unit'>;
    offerHash: string;
  };
  /** Id of the index, or the name of the model's sale. */
  sale: string;
  nonce: string;
  body: Uint8Array;
  bodyText: string;
  requestHash: string;
  /** The most that it may cost. */
  quote: bigint;
  deadline: number;
  /** The key that its caller gave the question. */
  key?: QuestionKey;
}

/** A question. */
export interface Prepared extends Order {
  known: KnownOffer;
  request: Request;
  /** Size of the index's log that was known when the question was sent. */
  headSize: number;
}

/** An answer as received, not verified yet. */
export interface Answered {
  receipt: Receipt;
  body: Uint8Array;
  /** The records that it names. */
  records: readonly RecordBytes[];
  payment: Payment | null;
}

/** Checks answers and remembers what it has verified. */
export interface AnswerVerifier {
  /** Size of an index's log as last seen; 0 before the first answer. */
  headSize(index: string): number;
  verify(prepared: Prepared, answered: Answered, link: Link): Promise<Verified>;
}

export interface Verified {
  prepared: Prepared;
  answered: Answered;
  answer: VerifiedAnswer;
  bundle(): Bundle;
}

/** Whose answers are listed. Left out: those of the client's own wallet. */
export interface RecoverOptions extends Pick<Purse, 'wallet' | 'kept'> {
  /** Whether providers are asked first for answers that they still keep. Default: true. */
  ask?: boolean;
}

/** An answer that was paid and that nobody got. */
export interface RecoveredAnswer extends KeptFacts {
  /** The answer with everything that proves it; null when it was forgotten meanwhile. */
  proof(): Promise<PaidProof | null>;
  /**
   * The results of a question, verified again; null for vectors, and when it was forgotten meanwhile.
   *
   * @throws ProofError when the client's trust refuses them now
   */
  results(): Promise<GatewayResult[] | null>;
  /** Notes that it is in the hands of whoever asked, so that it is forgotten. False when it was before. */
  received(): Promise<boolean>;
}

export interface QueryResult {
  results: GatewayResult[];
  mode: QueryMode;
  /** One entry per index that answered. */
  answers: {
    index: string;
    snapshot: { sequence: number; at: string };
    usage: { charge: string; unit: string; receipt: string };
    couldLose: string;
    bundle(): Bundle;
  }[];
  /** Indexes that gave no verified answer while others did. */
  failed: { index: string; code: ErrorCode; message: string }[];
  /** The total cost, in the unit that all asked indexes share. */
  usage: { charge: string; unit: string };
  /** True when the given trust lists every key that the answers depend on. */
  pinned: boolean;
  /** The keys that it does not list; all of them when no trust was given. */
  unpinned: Unpinned[];
  notProven: string[];
}
