import type { WireError } from '../worker/protocol.ts';

/** What an embedding worker is started with. */
export interface EmbedStart {
  directory: string;
  dtype: 'q8' | 'fp32';
  pooling: 'cls' | 'mean';
  normalize: boolean;
}

export interface EmbedRequest {
  text: string;
}

/** Answers come in the order of the requests. */
export type EmbedMessage =
  | { type: 'ready' }
  | { type: 'failed'; error: WireError }
  | { type: 'vector'; vector: Float32Array<ArrayBuffer> }
  | { type: 'error'; error: WireError };
