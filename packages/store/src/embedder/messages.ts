import type { WireError } from '../worker/protocol.ts';

/** What an embedding worker is started with. */
export interface EmbedStart {
  directory: string;
  dtype: 'q8' | 'fp32';
  pooling: 'cls' | 'mean';
  normalize: boolean;
}

/** `close`: the worker finishes the text it has, gives its session back, and ends by itself. */
export type EmbedRequest = { type: 'text'; text: string } | { type: 'close' };

/** Answers come in the order of the requests. */
export type EmbedMessage =
  | { type: 'ready' }
  | { type: 'failed'; error: WireError }
  | { type: 'vector'; vector: Float32Array<ArrayBuffer> }
  | { type: 'error'; error: WireError }
  | { type: 'dropped' };
