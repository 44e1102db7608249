import type { Bundle, EmbeddingBundle } from '@tributary/schemas';
import type { QuestionKey } from '../wallet/wallet.ts';

/** A paid answer with everything that proves it: of an index, or of sold vectors. */
export type PaidProof = Bundle | EmbeddingBundle;

/** What is known of a kept answer without reading it. */
export interface KeptFacts {
  /** Hash of its receipt. */
  receipt: string;
  /** Id of the index, or the name of the model's sale. */
  sale: string;
  charge: string;
  unit: string;
  /** When it was kept; unix milliseconds. */
  at: number;
  /** The key of its question, if it had one. */
  key: QuestionKey | null;
  /** True when it came after its caller was gone, and nobody said yet that it has it. */
  recovered: boolean;
}

/** An answer to keep. */
export interface NewAnswer extends Omit<KeptFacts, 'at'> {
  proof: PaidProof;
}

/** A question with a key that is at work. */
export interface AtWork {
  /** Hash of the question. */
  readonly question: string;
  readonly ended: Promise<unknown>;
}

/** The kept answers of one account (docs/spec/delivery.md). */
export interface KeptAnswers {
  /**
   * Resolves when all of them are on disk. Answers over the limits are forgotten: first those that were handed out,
   * then the oldest; over the limit of all accounts together, those of the account that keeps most.
   *
   * @throws ClientError WALLET_WRITE
   */
  keep(answers: readonly NewAnswer[]): Promise<void>;
  /** The answers of a key, in the order in which they were kept. */
  under(key: string): KeptFacts[];
  /** Answers that were paid and that nobody got, oldest first. */
  recovered(): KeptFacts[];
  /**
   * The proof of a kept answer; null when there is none.
   *
   * @throws ClientError WALLET_DAMAGED
   */
  proof(receipt: string): Promise<PaidProof | null>;
  /**
   * Notes that a recovered answer has been received. It is forgotten, or stays with its key. False when there is none.
   *
   * @throws ClientError WALLET_WRITE
   */
  received(receipt: string): Promise<boolean>;
  /** Questions with a key that are at work in this process. */
  readonly atWork: Map<string, AtWork>;
}

/** The kept answers of a client and of its accounts. */
export interface KeptStore {
  /** @param account null: the client itself */
  of(account: string | null): KeptAnswers;
  close(): Promise<void>;
}
