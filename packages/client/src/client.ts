import type { Bundle } from '@tributary/schemas';
import type { KnownOffer } from './discovery/types.ts';
import { query, queryBytes } from './query/query.ts';
import type { AskOptions, MadeBytes, QueryContext, QueryResult, Question } from './query/types.ts';

/** Asks providers, pays them, and returns only what it has verified. */
export interface Client {
  /** Asks one question and returns verified results. */
  query(question: Question, options?: AskOptions): Promise<QueryResult>;
  /** Asks a question whose exact bytes and nonce the caller made. Returns the verified bundle. */
  queryBytes(made: MadeBytes, options?: Omit<AskOptions, 'onQuote'>): Promise<Bundle>;
  offers(): KnownOffer[];
  refresh(signal?: AbortSignal): Promise<void>;
}

/** Joins the parts of a client. The caller opens and closes them. */
export function createClient(context: QueryContext): Client {
  return {
    query: (question, options) => query(question, context, options),
    queryBytes: (made, options) => queryBytes(made, context, options),
    offers: () => context.providers.offers(),
    refresh: (signal) => context.providers.refresh(signal),
  };
}
