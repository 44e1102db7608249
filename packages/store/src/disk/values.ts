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
/** Lengths of the text part, the path and the sparse vector, place in the write, version, salt and write. */
const HEAD_BYTES = 4 + 4 + 4 + 4 + 8 + 32 + 32;
const HASH_BYTES = 32;

type TextFields = [
  id: string,
  namespace: string,
  text: string,
  metadata: Metadata,
  source: Source | null,
  licence: string | null,
  sell: Sell,
];

/**
 * `u32 bytes of the text part ‖ u32 hashes of the path ‖ u32 sparse values ‖ u32 place in the write ‖ u64 version ‖
 * salt ‖ write ‖ path ‖ text part ‖ little-endian float32 values ‖ pairs of the sparse vector`. The text part is JSON.
 */
export function encodeRevision(revision: StoredRevision): Buffer {
  const { id, namespace, text, metadata, source, licence, sell, vector, sparse, writePath } = revision;
  const fields: TextFields = [id, namespace, text, metadata, source, licence, sell];
  const json = Buffer.from(JSON.stringify(fields));
  const pairs = sparse === null ? new Uint8Array(0) : sparseBytes(sparse);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(json.length, 0);
  head.writeUInt32BE(writePath.length, 4);
  head.writeUInt32BE(pairs.length / PAIR_BYTES, 8);
  head.writeUInt32BE(revision.writeIndex, 12);
  head.writeBigUInt64BE(BigInt(revision.version), 16);
  head.write(revision.salt, 24, 'base64url');
  head.write(revision.write, 56, 'hex');
  const path = writePath.map((hash) => Buffer.from(hash, 'base64url'));
  const values = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  return Buffer.concat([head, ...path, json, values, pairs]);
}

/** @throws StoreError STORE_DAMAGED */
export function decodeRevision(bytes: Buffer, where: string): StoredRevision {
  try {
    const { path, text, values, pairs } = placesIn(bytes);
    const fields = JSON.parse(bytes.toString('utf8', text, values)) as TextFields;
    const [id, namespace, words, metadata, source, licence, sell] = fields;
    const writePath: string[] = [];
    for (let at = path; at < text; at += HASH_BYTES) writePath.push(bytes.toString('base64url', at, at + HASH_BYTES));
    return {
      id,
      namespace,
      text: words,
      metadata,
      source,
      licence,
      sell,
      salt: bytes.toString('base64url', 24, 56),
      version: Number(bytes.readBigUInt64BE(16)),
      write: bytes.toString('hex', 56, 88),
      writeIndex: bytes.readUInt32BE(12),
      writePath,
      vector: floatsIn(bytes, values, pairs),
      sparse: pairs === bytes.length ? null : readSparseBytes(bytes.subarray(pairs)),
    };
  } catch (cause) {
    throw new StoreError('STORE_DAMAGED', `${where} cannot be read: its stored bytes are damaged; restore a backup`, { cause });
  }
}

/** The vector alone. @throws StoreError STORE_DAMAGED */
export function decodeVector(bytes: Buffer, where: string): Float32Array {
  try {
    const { values, pairs } = placesIn(bytes);
    return floatsIn(bytes, values, pairs);
  } catch (cause) {
    throw new StoreError('STORE_DAMAGED', `${where} cannot be read: its stored bytes are damaged; restore a backup`, { cause });
  }
}

/** Where the parts of a revision begin. */
function placesIn(bytes: Buffer) {
  const path = HEAD_BYTES;
  const text = path + bytes.readUInt32BE(4) * HASH_BYTES;
  const values = text + bytes.readUInt32BE(0);
  const pairs = bytes.length - bytes.readUInt32BE(8) * PAIR_BYTES;
  if (pairs < values) throw new Error('the lengths do not fit');
  return { path, text, values, pairs };
}

/** Copied, because the values need not be aligned in the buffer. */
const floatsIn = (bytes: Buffer, from: number, end: number): Float32Array<ArrayBuffer> =>
  new Float32Array(new Uint8Array(bytes.subarray(from, end)).buffer);

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
