import { isEmbedRequest } from '@tributary/proof/statements';
import type { Bundle } from '@tributary/schemas';
import type { KnownEmbeddingOffer, KnownOffer } from './discovery/types.ts';
import { embed } from './embed/embed.ts';
import { embedAgain } from './embed/embed-again.ts';
import { embedSampleRate } from './embed/limits.ts';
import { sellersOf } from './embed/choose-seller.ts';
import type { EmbedContext, EmbeddingChecks, EmbedResult, TextsToEmbed } from './embed/types.ts';
import { memoryFaults } from './faults/fault-store.ts';
import { query, queryBytes } from './query/query.ts';
import { askAgain } from './query/repair.ts';
import type { AskOptions, MadeBytes, QueryContext, QueryResult, Question } from './query/types.ts';

/** Asks providers, pays them, and returns only what it has verified. */
export interface Client {
  /** Asks one question and returns verified results. */
  query(question: Question, options?: AskOptions): Promise<QueryResult>;
  /** Asks a question whose exact bytes and nonce the caller made. Returns the verified bundle. */
  queryBytes(made: MadeBytes, options?: Omit<AskOptions, 'onQuote'>): Promise<Bundle>;
  /** Buys the vectors of texts, and computes some of them again if it has the model. */
  embed(asked: TextsToEmbed, options?: AskOptions): Promise<EmbedResult>;
  offers(): KnownOffer[];
  /** Offers of embeddings. @param model only of this id or digest, by the owners that the client would ask */
  embeddings(model?: string): KnownEmbeddingOffer[];
  refresh(signal?: AbortSignal): Promise<void>;
}

export interface ClientParts extends Omit<QueryContext, 'askAgain'> {
  /** How bought vectors are checked. Default: not at all, as without the model nothing can be. */
  checks?: Partial<EmbeddingChecks>;
}

/** Joins the parts of a client. The caller opens and closes them. */
export function createClient({ checks, ...parts }: ClientParts): Client {
  const context: EmbedContext = {
    ...parts,
    askAgain: (lost, link, asking) => (isEmbedRequest(lost.origin.body) ? embedAgain : askAgain)(lost, link, asking),
    checks: { recompute: null, sampleRate: embedSampleRate, faults: memoryFaults(), ...checks },
    met: new Set(),
  };
  const { providers } = context;
  return {
    query: (question, options) => query(question, context, options),
    queryBytes: (made, options) => queryBytes(made, context, options),
    embed: (asked, options) => embed(asked, context, options),
    offers: () => providers.offers(),
    embeddings: (model) => (model === undefined ? providers.embeddings() : sellersOf(model, context)),
    refresh: (signal) => providers.refresh(signal),
  };
}
