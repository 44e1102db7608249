import type { DeviceChoice } from './embedding.ts';

/** Tells how well texts answer a question: a model that reads both together (a cross-encoder). */
export interface Reranker {
  /** Its name on the Hugging Face hub, or one that its files make. */
  readonly id: string;
  /** Most tokens of a question and a text together, special tokens included. */
  readonly maxTokens: number;
  /** Where it computes, and why there. */
  readonly device: DeviceChoice;
  /**
   * Scores from 0 to 1, in the order of the texts. A text that does not fit with the question is cut; with `whole` it
   * is refused.
   *
   * @throws StoreError TEXT_TOO_LONG, RERANK_FAILED, STORE_BUSY; the signal's reason
   */
  rerank(question: string, texts: readonly string[], options?: RerankOptions): Promise<number[]>;
  close(): Promise<void>;
}

export interface RerankOptions {
  whole?: boolean;
  signal?: AbortSignal | undefined;
}
