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
  /** Where it computes, and why there. */
  readonly device: DeviceChoice;
  /** Texts of an ingest that are given to it at once. Default: `embedTextsAtOnce`. */
  readonly textsAtOnce?: number;
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

/** `auto`: a graphics processor if there is one that works, else the processor. */
export type DeviceWish = 'auto' | 'cpu' | 'gpu';
/** Precision of the weights: 8-bit integers, 16 or 32-bit floats. */
export type Weights = 'q8' | 'fp16' | 'fp32';

export interface DeviceChoice {
  /** `remote`: another machine. */
  readonly device: 'cpu' | 'cuda' | 'webgpu' | 'remote';
  readonly weights: Weights | 'unknown';
  /** For people. */
  readonly why: string;
}
