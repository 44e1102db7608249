import type { Unpinned, VerifiedEmbeddings } from '@tributary/proof';
import type { EmbeddingBundle, EmbedRequest } from '@tributary/schemas';
import type { KnownEmbeddingOffer } from '../discovery/types.ts';
import type { FaultStore } from '../faults/fault-store.ts';
import type { Answered, Order, QueryContext } from '../query/types.ts';

/** Texts that a caller wants embedded. */
export interface TextsToEmbed {
  /** Id of the model, or its digest. */
  model: string;
  texts: string[];
  /** Which of the model's prefixes is put before each text. Default: `document`. */
  kind?: 'document' | 'query';
  /** Most that all vectors together may cost, in the ledger's smallest unit. */
  maxCharge?: bigint;
}

/** The client's own vector of a text. */
export interface OwnVector {
  vector: Float32Array;
  weights: 'q8' | 'fp16' | 'fp32' | 'unknown';
}

/** How the vectors of others are checked. */
export interface EmbeddingChecks {
  /** Computes a vector with the model of this digest; null when the client does not have it. */
  recompute: ((text: string, kind: EmbedRequest['kind'], digest: string) => Promise<OwnVector | null>) | null;
  /** Share of answers of which one vector is computed again. */
  sampleRate: number;
  faults: FaultStore;
  /** Called for each vector that was computed again. Must not throw. */
  checked?(facts: { provider: string; model: string; cosine: number; same: boolean }): void;
}

export interface EmbedContext extends QueryContext {
  checks: EmbeddingChecks;
  /** DIDs of the providers of which an answer was checked since the start. */
  met: Set<string>;
}

/** One request for embeddings. */
export interface PreparedTexts extends Order {
  known: KnownEmbeddingOffer;
  request: EmbedRequest;
}

export interface VerifiedTexts {
  prepared: PreparedTexts;
  answered: Answered;
  answer: VerifiedEmbeddings;
  bundle(): EmbeddingBundle;
}

export interface EmbedResult {
  /** In the order of the texts. */
  vectors: Float32Array[];
  /** Tokens that the model read, as the provider says. */
  tokens: number;
  model: { id: string; digest: string; dimension: number };
  provider: string;
  usage: { charge: string; unit: string };
  /** One entry for each request that the texts were sent in. */
  answers: { receipt: string; charge: string; texts: number; cosine: number | null; bundle(): EmbeddingBundle }[];
  pinned: boolean;
  unpinned: readonly Unpinned[];
  notProven: string[];
}
