import type { TokenizerSource } from '../../embedder/tokenizer.ts';
import type { Chunk, ParsedDocument } from '../types.ts';
import type { WireError } from '../../worker/protocol.ts';

export interface SplitStart {
  tokenizer: TokenizerSource;
  maxTokens: number;
}
export type SplitRequest = ParsedDocument;
export type SplitMessage = { ok: true; chunks: Chunk[] } | { ok: false; error: WireError };
