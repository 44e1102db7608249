import { readSparseBytes, sparseBytes } from '@tributary/proof/primitives';
import type { Metadata, SignedStatement, Source, Sell, SparseVector, StoreErrorCode } from '@tributary/schemas';
import { StoreError } from '../errors.ts';

/**
 * A stored record revision: its fields, the salt that opens its commitments, and its place in the write that created
 * it.
 */
export interface StoredRevision {
  id: string;
  namespace: string;
  text: string;
  metadata: Metadata;
  source: Source | null;
  licence: string | null;
  sell: Sell;
  /** 32 random bytes, base64url. */
  salt: string;
  /** Sequence and hash of the write statement. */
  version: number;
  write: string;
  /** Position of the record in the write, and its inclusion path, base64url. */
  writeIndex: number;
  writePath: string[];
  /** Empty in an index of sparse vectors only. */
  vector: Float32Array;
  sparse: SparseVector | null;
}

/** Index and value of a sparse vector. */
const PAIR_BYTES = 8;

type StoredFields = Omit<StoredRevision, 'vector' | 'sparse'> & {
  /** Number of sparse values; left out for none. */
  nnz?: number;
};

/** `u32 length of the JSON ‖ JSON of all other fields ‖ little-endian float32 values ‖ pairs of the sparse vector`. */
export function encodeRevision({ vector, sparse, ...fields }: StoredRevision): Buffer {
  const stored: StoredFields = sparse === null ? fields : { ...fields, nnz: sparse.indices.length };
  const json = Buffer.from(JSON.stringify(stored));
  const pairs = sparse === null ? new Uint8Array(0) : sparseBytes(sparse);
  const bytes = Buffer.allocUnsafe(4 + json.length + vector.byteLength + pairs.length);
  bytes.writeUInt32BE(json.length, 0);
  json.copy(bytes, 4);
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).copy(bytes, 4 + json.length);
  bytes.set(pairs, 4 + json.length + vector.byteLength);
  return bytes;
}

/** @throws StoreError STORE_DAMAGED */
export function decodeRevision(bytes: Buffer, where: string): StoredRevision {
  try {
    const end = 4 + bytes.readUInt32BE(0);
    const { nnz = 0, ...fields } = JSON.parse(bytes.toString('utf8', 4, end)) as StoredFields;
    const pairs = bytes.length - nnz * PAIR_BYTES;
    // Copied, because the values need not be aligned in the buffer.
    const values = new Uint8Array(bytes.subarray(end, pairs));
    const sparse = nnz === 0 ? null : readSparseBytes(bytes.subarray(pairs));
    return { ...fields, vector: new Float32Array(values.buffer), sparse };
  } catch (cause) {
    throw new StoreError('STORE_DAMAGED', `${where} cannot be read: its stored bytes are damaged; restore a backup`, { cause });
  }
}

/** The previous leaf hashes of the slots that a snapshot changed: `u64 time ‖ n × (u32 slot ‖ hash)`. */
export interface Undo {
  snapshot: number;
  /** When the previous snapshot was replaced, Unix milliseconds. */
  time: number;
  leaves: Map<number, Uint8Array>;
}

const UNDO_ROW = 36;

export function encodeUndo(undo: Undo): Buffer {
  const bytes = Buffer.alloc(8 + undo.leaves.size * UNDO_ROW);
  bytes.writeBigUInt64BE(BigInt(undo.time), 0);
  let at = 8;
  for (const [slot, leaf] of undo.leaves) {
    bytes.writeUInt32BE(slot, at);
    bytes.set(leaf, at + 4);
    at += UNDO_ROW;
  }
  return bytes;
}

/** The time of an encoded entry. */
export const undoTime = (bytes: Buffer): number => Number(bytes.readBigUInt64BE(0));

export function decodeUndo(snapshot: number, bytes: Buffer): Undo {
  const leaves = new Map<number, Uint8Array>();
  for (let at = 8; at + UNDO_ROW <= bytes.length; at += UNDO_ROW) {
    leaves.set(bytes.readUInt32BE(at), new Uint8Array(bytes.subarray(at + 4, at + UNDO_ROW)));
  }
  return { snapshot, time: undoTime(bytes), leaves };
}

export const encodeStatement = (signed: SignedStatement): Buffer =>
  Buffer.from(JSON.stringify({ body: signed.body, signature: signed.signature }));

/** @throws StoreError STORE_DAMAGED */
export function decodeStatement(bytes: Buffer, where: string): SignedStatement {
  try {
    const { body, signature } = JSON.parse(bytes.toString()) as SignedStatement;
    return { body, signature };
  } catch (cause) {
    throw new StoreError('STORE_DAMAGED', `${where} cannot be read: its stored bytes are damaged; restore a backup`, { cause });
  }
}

/**
 * Something that was left out of a document: one of its records, or (`row` null) its whole file when it was last
 * parsed.
 */
export interface LeftOut {
  row: string | null;
  code: StoreErrorCode;
  reason: string;
}

/** What the index knows of a document besides its records. It is written together with them. */
export interface FlaggedChunks {
  count: number;
  /** Labels of the flags, each once, in order. */
  flags: string[];
}

export interface DocumentRow {
  /** Real paths of the folder that its name is relative to, and of its file. */
  root: string;
  file: string;
  /**
   * `partial`: the records do not match the file yet. `leaving`: the document is being deleted. The next ingest or
   * start finishes either.
   */
  state: 'whole' | 'partial' | 'leaving';
  /** Size, modification time (milliseconds; 0: unreliable) and SHA-256 of the file when it was parsed. */
  bytes: number;
  modified: number;
  sha256: string;
  /** Digest of everything besides the file that determines its chunks. */
  made: string;
  sell: Sell;
  licence: string | null;
  /** Number of its records in the index. */
  records: number;
  /** When it was parsed, Unix milliseconds. */
  time: number;
  /** The first entries that were left out, and how many there are. */
  left: LeftOut[];
  leftCount: number;
  /** Its chunks that looked as if they were meant for a model when it was parsed. */
  flagged: FlaggedChunks;
}
