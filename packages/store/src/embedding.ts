import type { TokenizerSource } from './embedder/tokenizer.ts';

/** Describes an embedding model. Its digest is in every manifest and vector commitment (docs/spec/snapshot.md). */
export interface ModelCard {
  readonly id: string;
  /** Languages that the model was trained for (BCP 47). Questions in other languages are ranked by their words. */
  readonly languages?: readonly string[];
  readonly [member: string]: unknown;
}

/** Turns texts into vectors. The model truncates texts longer than `maxTokens`. */
export interface Embedder {
  readonly card: ModelCard;
  /** Hex digest of the card. */
  readonly digest: string;
  readonly dimension: number;
  readonly maxTokens: number;
  /** @throws StoreError EMBED_FAILED */
  embed(texts: readonly string[], kind: 'document' | 'query', signal?: AbortSignal): Promise<Float32Array<ArrayBuffer>[]>;
  /**
   * Like `embed`, for texts that must not be truncated. Also returns the tokens that the model read, special ones
   * included.
   *
   * @throws StoreError TEXT_TOO_LONG, EMBED_FAILED
   */
  embedCounted(texts: readonly string[], kind: 'document' | 'query', signal?: AbortSignal): Promise<CountedVectors>;
  /** Tokens of a document's text as the model counts them, special tokens included. Synchronous. */
  countTokens(text: string): number;
  /** The tokenizer's files, if they are on this machine. Long documents are then split off the event loop. */
  readonly tokenizer?: TokenizerSource;
  close(): Promise<void>;
}

/** Vectors in the order of their texts, and the tokens of all texts together. */
export interface CountedVectors {
  vectors: Float32Array<ArrayBuffer>[];
  tokens: number;
}
