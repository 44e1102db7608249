import { isEmbedRequest } from '@tributary/proof/statements';
import type { Bundle } from '@tributary/schemas';
import type { KnownEmbeddingOffer, KnownOffer } from './discovery/types.ts';
import { embed } from './embed/embed.ts';
import { embedAgain } from './embed/embed-again.ts';
import { embedSampleRate } from './embed/limits.ts';
import { sellersOf } from './embed/choose-seller.ts';
import type { EmbedContext, EmbeddingChecks, EmbedResult, TextsToEmbed } from './embed/types.ts';
import { memoryFaults } from './faults/fault-store.ts';
import type { KeptAnswers } from './kept/types.ts';
import { paidFrom } from './query/paid-from.ts';
import { query, queryBytes } from './query/query.ts';
import { recovered } from './query/delivery/recovered.ts';
import { askAgain } from './query/repair.ts';
import type {
  AskOptions,
  MadeBytes,
  QueryContext,
  QueryResult,
  Question,
  RecoveredAnswer,
  RecoverOptions,
} from './query/types.ts';

/** Asks providers, pays them, and returns only what it has verified. */
export interface Client {
  /** Asks one question and returns verified results. */
  query(question: Question, options?: AskOptions): Promise<QueryResult>;
  /** Asks a question whose exact bytes and nonce the caller made. Returns the verified bundle. */
  queryBytes(made: MadeBytes, options?: Omit<AskOptions, 'onQuote'>): Promise<Bundle>;
  /** Buys the vectors of texts, and computes some of them again if it has the model. */
  embed(asked: TextsToEmbed, options?: AskOptions): Promise<EmbedResult>;
  /**
   * Answers that were paid and that nobody got, because their caller or a process was gone. Asks providers first for
   * those that they still keep.
   */
  recovered(options?: RecoverOptions): Promise<RecoveredAnswer[]>;
  offers(): KnownOffer[];
  /** Offers of embeddings. @param model only of this id or digest, by the owners that the client would ask */
  embeddings(model?: string): KnownEmbeddingOffer[];
  refresh(signal?: AbortSignal): Promise<void>;
}

export interface ClientParts extends Omit<QueryContext, 'askAgain' | 'kept'> {
  /** Where paid answers are kept for their callers. Default: nowhere. */
  kept?: KeptAnswers | null;
  /** How bought vectors are checked. Default: not at all, as without the model nothing can be. */
  checks?: Partial<EmbeddingChecks>;
}

/** Joins the parts of a client. The caller opens and closes them. */
export function createClient({ checks, kept = null, ...parts }: ClientParts): Client {
  const checked = { recompute: null, sampleRate: embedSampleRate, faults: memoryFaults(), ...checks };
  const context: EmbedContext = {
    ...parts,
    kept,
    askAgain: (lost, link, asking) =>
      isEmbedRequest(lost.origin.body) ? embedAgain(lost, link, asking, checked.faults) : askAgain(lost, link, asking),
    checks: checked,
    met: new Set(),
  };
  const { providers } = context;
  return {
    query: (question, options) => query(question, context, options),
    queryBytes: (made, options) => queryBytes(made, context, options),
    embed: (asked, options) => embed(asked, context, options),
    recovered: (options) => recovered(paidFrom(options, context), options),
    offers: () => providers.offers(),
    embeddings: (model) => (model === undefined ? providers.embeddings() : sellersOf(model, context)),
    refresh: (signal) => providers.refresh(signal),
  };
}
