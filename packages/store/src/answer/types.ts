import type { QueryMode, Request, Statistics } from '@tributary/schemas';
import type { AnswerItem, AnswerOptions } from '../types.ts';
import type { EncodedRecord } from './cache.ts';

/** A question as the worker receives it. The text of the query has been embedded before. */
export interface IndexQuery {
  parsed: Request;
  options: AnswerOptions;
  /** Computed by the provider from the text; null when the request has a vector or needs none. */
  queryVector: Float32Array | null;
}

export interface FoundResults {
  items: Omit<AnswerItem, 'version'>[];
  statistics: Statistics | null;
}

/** A result with everything that the encoder needs. */
export interface ProvenItem extends AnswerItem {
  record: EncodedRecord;
  /** The hashes of its path in the tree. */
  path: Uint8Array;
}

/** Everything in an answer except the results. */
export interface AnswerFrame {
  status: 'ok' | 'empty' | 'gone';
  index: string;
  snapshot: number;
  manifest: string;
  mode: QueryMode;
  queryVector: string | null;
  statistics: Statistics | null;
}
