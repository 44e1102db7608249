import type { WireError } from '../worker/protocol.ts';

/** What an embedding worker is started with. */
export interface EmbedStart {
  directory: string;
  dtype: 'q8' | 'fp32';
  pooling: 'cls' | 'mean';
  normalize: boolean;
}

export interface EmbedRequest {
  id: number;
  text: string;
}

export type EmbedMessage =
  | { type: 'ready' }
  | { type: 'failed'; error: WireError }
  | { type: 'vector'; id: number; vector: Float32Array<ArrayBuffer> }
  | { type: 'error'; id: number; error: WireError };
