import type { ParseOutcome, ParserOptions } from '../types.ts';

/** What the pool asks of a worker: one file, from disk or from memory. */
export type ParseRequest = ({ absolute: string } | { bytes: Uint8Array }) & {
  relative: string;
  options: ParserOptions & { mediaType?: string };
};

export type ParseReply = { ready: true } | { outcome: ParseOutcome };
