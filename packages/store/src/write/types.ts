import type {
  Filter,
  Metadata,
  RecordFields,
  RecordInput,
  Sell,
  SignedStatement,
  SparseVector,
  WritersStatement,
} from '@tributary/schemas';
import type { DiskOperation } from '../disk/database.ts';
import type { DocumentRow, PackedUndo, StoredRevision } from '../disk/values.ts';
import type { WritePaths } from '../disk/write-paths.ts';
import type { FreeSlots } from '../slots/free-slots.ts';

/** The key of a writer, which this node holds on the writer's behalf (docs/spec/writers.md). */
export interface WriterKey {
  /** did:key. */
  did: string;
  /** Ed25519, 32 bytes. */
  seed: Uint8Array;
}

/** What the owner changes in the list of writers. */
export interface WritersChange {
  kind: 'delegate' | 'revoke';
  /** did:key of the writer. */
  writer: string;
  /** Prefix of the namespaces. To revoke: of which delegations; null: of all. */
  namespace: string | null;
  /** Unix milliseconds. */
  time: number;
}

/** The list of writers of a snapshot. */
export interface HeldWriters {
  /** Hex. */
  hash: string;
  statement: WritersStatement;
}

/** Changes parts of a record. What is null or left out stays. */
export interface Update {
  kind: 'update';
  namespace: string;
  id: string;
  text: string | null;
  vector: Float32Array | null;
  sparse: SparseVector | null;
  setMetadata: Metadata;
  removeMetadata?: readonly string[];
  /** The owner's terms. The licence may be null, so both are given together. */
  terms?: { sell: Sell; licence: string | null };
}

/** What a caller wants to write. When it is sealed, an update becomes an upsert of the whole record. */
export type WriteOperation = { kind: 'put'; record: RecordInput } | Update | { kind: 'delete'; namespace: string; id: string };

/**
 * Rows of the ingest ledger that change together with the records. Of several rows for one document the last counts.
 */
export interface DocumentChange {
  namespace: string;
  document: string;
  /** Null removes the row. */
  row: DocumentRow | null;
}

export interface WriteRequest {
  operations: WriteOperation[];
  /** Unix milliseconds. */
  time: number;
  custody: 'self' | 'provider';
  author: string | null;
  /** Signs instead of the owner. */
  writer?: WriterKey;
  /** 32 fresh random bytes per operation, concatenated. */
  salts: Uint8Array;
  documents: DocumentChange[];
}

/** Deletes everything in a namespace that matches. `filter` null means all of it. */
export interface DeleteRequest extends Omit<WriteRequest, 'operations' | 'salts' | 'documents'> {
  namespace: string;
  filter: Filter | null;
}

export type CheckedRecord = Omit<RecordFields, 'vector'> & { vector: Float32Array };
export type CheckedOperation = { kind: 'put'; record: CheckedRecord } | Exclude<WriteOperation, { kind: 'put' }>;
export interface CheckedWrite extends Omit<WriteRequest, 'operations'> {
  operations: CheckedOperation[];
}

/** What a slot will hold once the group is published. `revision` null is a tombstone. */
export interface SlotChange {
  revision: StoredRevision | null;
  leaf: Uint8Array;
  /** As it is stored. */
  row: Buffer | null;
}

/** Paths that the group adds or changes, with their key. */
export interface PathsChange {
  readonly key: Buffer;
  readonly paths: WritePaths;
}

export interface SealedWrite {
  sequence: number;
  /** Hex. */
  hash: string;
  body: string;
  signature: string;
}

/** A group of writes being prepared. Reads see the writes as if they had happened; nothing outside it changes. */
export interface GroupDraft {
  readonly changes: Map<number, SlotChange>;
  /** Slot by namespace and id of records that the group changed; null when deleted. */
  readonly ids: Map<string, number | null>;
  /** By their key as text. */
  readonly paths: Map<string, PathsChange>;
  /** Slots that are still available, a copy of the state's list. */
  readonly free: FreeSlots;
  /** Slots freed by the write being sealed. Later writes may use them. */
  readonly freed: number[];
  readonly writes: SealedWrite[];
  readonly documents: DocumentChange[];
  /** The list of writers that the writes of the group are checked against; null: the index never had one. */
  writers: HeldWriters | null;
  /** Lists that the group made, by hash. */
  readonly lists: Map<string, SignedStatement>;
  /** True when it publishes the snapshot anew even without a write. */
  redated: boolean;
  size: number;
  live: number;
  last: { sequence: number; hash: string };
  /** Time of its last write, Unix milliseconds. */
  time: number;
}

/** A group that only has to be written to disk. */
export interface PreparedGroup {
  readonly draft: GroupDraft;
  readonly operations: DiskOperation[];
  readonly undo: PackedUndo;
  /** Number of the first undo entry that stays in the database. */
  readonly undoFirst: number;
  readonly manifest: { sequence: number; hash: string; body: string; time: number };
  readonly checkpoint: string;
}
