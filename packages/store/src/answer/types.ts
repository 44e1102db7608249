import type { QueryMode, Request, Statistics } from '@tributary/schemas';
import type { AnswerItem, AnswerOptions } from '../types.ts';
import type { EncodedRecord } from './cache.ts';

/** A question as the worker gets it; text queries were embedded before. */
export interface IndexQuery {
  parsed: Request;
  options: AnswerOptions;
  /** Made by the provider from the text; null when the request carries a vector or needs none. */
  queryVector: Float32Array | null;
}

export interface FoundResults {
  items: Omit<AnswerItem, 'version'>[];
  statistics: Statistics | null;
}

/** A result with all that is needed to write it. */
export interface ProvenItem extends AnswerItem {
  record: EncodedRecord;
  path: Uint8Array[];
}

/** Everything around the results. */
export interface AnswerFrame {
  status: 'ok' | 'empty' | 'gone';
  index: string;
  snapshot: number;
  manifest: string;
  mode: QueryMode;
  queryVector: string | null;
  statistics: Statistics | null;
}
