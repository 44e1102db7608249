import type { Filter, Metadata, RecordFields, RecordInput, Sell } from '@tributary/schemas';
import type { DiskOperation } from '../disk/database.ts';
import type { DocumentRow, StoredRevision, Undo } from '../disk/values.ts';

/** Changes parts of a record; what is null or left out stays. */
export interface Update {
  kind: 'update';
  namespace: string;
  id: string;
  text: string | null;
  vector: Float32Array | null;
  setMetadata: Metadata;
  /** What its owner says of it: the licence may be null, so both come together. */
  terms?: { sell: Sell; licence: string | null };
}

/** What a caller asks to be written. Updates become upserts of the whole record when they are sealed. */
export type WriteOperation = { kind: 'put'; record: RecordInput } | Update | { kind: 'delete'; namespace: string; id: string };

/** Rows of the ingest ledger that change together with the records; of several for one document the last counts. */
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
  /** 32 fresh random bytes for each operation, one after the other. */
  salts: Uint8Array;
  documents: DocumentChange[];
}

/** Deletes everything of a namespace that matches; `filter` null means all of it. */
export interface DeleteRequest extends Omit<WriteRequest, 'operations' | 'salts' | 'documents'> {
  namespace: string;
  filter: Filter | null;
}

export type CheckedRecord = Omit<RecordFields, 'vector'> & { vector: Float32Array };
export type CheckedOperation = { kind: 'put'; record: CheckedRecord } | Exclude<WriteOperation, { kind: 'put' }>;
export interface CheckedWrite extends Omit<WriteRequest, 'operations'> {
  operations: CheckedOperation[];
}

/** What a slot will hold once the group is published; `revision` null is a tombstone. */
export interface SlotChange {
  revision: StoredRevision | null;
  leaf: Uint8Array;
}

export interface SealedWrite {
  sequence: number;
  /** Hex. */
  hash: string;
  body: string;
  signature: string;
}

/** A group of writes being prepared: reads as if they had happened, changes nothing outside itself. */
export interface GroupDraft {
  readonly changes: Map<number, SlotChange>;
  /** Slot by namespace and id of records that the group touched; null when deleted. */
  readonly ids: Map<string, number | null>;
  /** Slots still to be had, a copy of the state's list. */
  readonly free: number[];
  /** Slots freed by the write being sealed; later writes may have them. */
  readonly freed: number[];
  readonly writes: SealedWrite[];
  readonly documents: DocumentChange[];
  size: number;
  live: number;
  last: { sequence: number; hash: string };
  /** Of its last write, Unix milliseconds. */
  time: number;
}

/** A group that only needs to reach the disk. */
export interface PreparedGroup {
  readonly draft: GroupDraft;
  readonly operations: DiskOperation[];
  readonly undo: Undo;
  readonly manifest: { sequence: number; hash: string; body: string; time: number };
  readonly checkpoint: string;
}
