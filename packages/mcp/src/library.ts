import type { FetchReply, GatewayAnswer, GatewayIndex, GatewayQuery, OwnIndex, RecordBody, WriteReply } from '@tributary/schemas';
import type { Bundle } from '@tributary/schemas';
import type { VectorsOf } from './agreement/vectors.ts';

/** An answer as `POST /v1/query` gives it. */
export interface LibraryAnswer extends GatewayAnswer {
  /** Each index's part, when several answered. */
  answers?: Pick<GatewayAnswer, 'index' | 'snapshot' | 'usage'>[];
  failed?: { index: string; code: string; message: string }[];
  /** The vectors of some of its results, as their writers signed them. */
  vectorsOf: VectorsOf;
}

/** A place in an own index. */
export interface Place {
  index: string;
  namespace: string;
}

/**
 * What the tools read and write: the indexes of a node or gateway, in the name of one caller. Each call checks what the
 * caller may do.
 */
export interface Library {
  /** Indexes on offer, and the own ones that the caller may use. */
  indexes(): Promise<{ offers: GatewayIndex[]; own: OwnIndex[] }>;
  /** Asks an own index, or the network; there the caller pays. @throws TributaryError */
  ask(question: GatewayQuery, signal: AbortSignal): Promise<LibraryAnswer>;
  /** The proof of an answer that was given before; null when it is not kept. */
  proof(receipt: string): Promise<Bundle | null>;
  /** Records of an own index, with their vectors; ids that are not there are left out. @throws TributaryError */
  fetch(place: Place, ids: readonly string[]): Promise<FetchReply['records']>;
  /** On disk once resolved. @throws TributaryError */
  upsert(place: Place, records: RecordBody[]): Promise<WriteReply>;
  /** On disk once resolved. @throws TributaryError */
  remove(place: Place, ids: readonly string[]): Promise<WriteReply>;
  /** What the caller's API key may still spend; null: no bound. */
  left(): Promise<bigint | null>;
}
