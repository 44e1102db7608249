import type { HnswIndex } from '../graph/hnsw-index.ts';
import type { Waiting } from './waiting.ts';

/** A snapshot of the index by number and manifest. */
export interface Place {
  readonly snapshot: number;
  /** Hash of the manifest, hex. */
  readonly manifest: string;
}

/** What the engine is to hold for a slot. A null vector: nothing. */
export interface RemoteChange {
  readonly slot: number;
  /** Tells vectors of one slot apart: the CRC-32 of its bytes. */
  readonly version: number;
  readonly namespace: string;
  readonly vector: Float32Array | null;
}

/** A question to the engine. */
export interface RemoteQuery {
  readonly vector: Float32Array;
  /** Null: all namespaces. */
  readonly namespace: string | null;
  /** Only these slots; null: all of the namespace. */
  readonly slots: Uint32Array | null;
  /** Most rows that it may name. */
  readonly limit: number;
  /** Nodes that a walk of its graph keeps in view: more find more, and take longer. */
  readonly width: number;
  /** True: compare every row, whatever that takes. */
  readonly isExact: boolean;
}

/** A row that the engine names. It is data of a stranger: any number, missing slots and old versions are expected. */
export interface RemoteRow {
  readonly slot: number;
  readonly version: number;
}

/**
 * Nearest-neighbour search on another machine. It follows the index: it may lack the newest records and still have
 * removed ones. It names slots, never scores, so whatever it says, no answer has a wrong score.
 *
 * Each call throws StoreError ENGINE_UNREACHABLE or ENGINE_REFUSED.
 */
export interface RemoteEngine {
  /** Takes the place of whoever wrote before. Returns the snapshot that the engine has in full; null for none. */
  open(): Promise<Place | null>;
  /** The same, without taking the place. Refused when somebody else has taken it. */
  place(): Promise<Place | null>;
  /** Forgets all slots from `slot` on. */
  cut(slot: number): Promise<void>;
  /** Writes changes. With `place`, the engine has that snapshot in full afterwards. May be repeated. */
  apply(changes: readonly RemoteChange[], place: Place | null): Promise<void>;
  /** The nearest first; fewer than `limit` when there are no more, or when it gave up. */
  nearest(query: RemoteQuery): Promise<RemoteRow[]>;
  /** Removes all that it has of this index. */
  forget(): Promise<void>;
  /** Ends calls in progress, which then fail. */
  cancel(): void;
  close(): Promise<void>;
}

/** Where an index has its graph. */
export interface RemoteOptions {
  readonly engine: RemoteEngine;
  /** Vectors that may be compared here when the engine lacks them, or does not answer. */
  readonly scanMax: number;
}

/** What an engine got wrong since the index was opened. */
export interface RemoteFaults {
  /** Rows without a record here, or that are no slots. */
  unknown: number;
  /** Rows of an older vector. */
  stale: number;
  /** Searches for which it had too few rows, even after comparing all. */
  short: number;
}

/** The dense vectors of an index, with a graph here or on an engine. */
export interface DenseIndex extends HnswIndex {
  /** Null when the graph is here. */
  readonly remote: RemoteSide | null;
}

/** What an index knows of its engine. */
export interface RemoteSide {
  readonly engine: RemoteEngine;
  readonly waiting: Waiting;
  /** Opening: it is not known yet what the engine lacks. Down: why it cannot be used. */
  state: { is: 'opening' | 'ready' } | { is: 'down'; why: Error } | { is: 'closed' };
  readonly faults: RemoteFaults;
  /** Slots below this have been used. */
  capacity(): number;
  /** Every slot waits, because nobody knows what the engine has. */
  distrust(): void;
  /** To be called when `state` was changed. */
  changed(): void;
  /** Resolves once it is known what the engine lacks, or that it is down. */
  known(): Promise<void>;
  /** Snapshot that the engine has in full; null while that is not known. */
  followed: number | null;
  /** Is called when the engine should be looked after: rows are wrong, or it did not answer. */
  onTrouble: () => void;
}

/** How an engine does, for its owner. */
export interface EngineStatus {
  /** `opening`: it is not known yet what it lacks. */
  state: 'opening' | 'ready' | 'down';
  /** Slots whose records it lacks. */
  waiting: number;
  /** Why it cannot be used; null when it can. */
  why: string | null;
  faults: RemoteFaults;
}
