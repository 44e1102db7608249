import { readSparseBytes, sparseBytes } from '@tributary/proof/primitives';
import type { Metadata, SignedStatement, Source, Sell, SparseVector, StoreErrorCode } from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import { packVector, unpackVector } from './vector-bytes.ts';

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
  /** 32 random bytes. */
  salt: Uint8Array;
  /** Sequence of the write statement. */
  version: number;
  /** Position of the record in the write. */
  writeIndex: number;
  /** Empty in an index of sparse vectors only. */
  vector: Float32Array;
  sparse: SparseVector | null;
}

/** Index and value of a sparse vector. */
const PAIR_BYTES = 8;
/** Lengths of the text part and the sparse vector, place in the write, version, salt and leaf. */
const HEAD_BYTES = 4 + 4 + 4 + 8 + 32 + 32;
const SALT_AT = 20;
const LEAF_AT = 52;

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
 * `u32 bytes of the text part ‖ u32 sparse values ‖ u32 place in the write ‖ u64 version ‖ salt ‖ leaf ‖ text part ‖
 * packed vector ‖ pairs of the sparse vector`. The text part is JSON.
 *
 * @param leaf leaf hash of the slot that holds the revision
 */
export function encodeRevision(revision: StoredRevision, leaf: Uint8Array): Buffer {
  const { id, namespace, text, metadata, source, licence, sell, vector, sparse } = revision;
  const fields: TextFields = [id, namespace, text, metadata, source, licence, sell];
  const json = Buffer.from(JSON.stringify(fields));
  const pairs = sparse === null ? new Uint8Array(0) : sparseBytes(sparse);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(json.length, 0);
  head.writeUInt32BE(pairs.length / PAIR_BYTES, 4);
  head.writeUInt32BE(revision.writeIndex, 8);
  head.writeBigUInt64BE(BigInt(revision.version), 12);
  head.set(revision.salt, SALT_AT);
  head.set(leaf, LEAF_AT);
  return Buffer.concat([head, json, packVector(vector), pairs]);
}

/** The leaf hash in an encoded revision. */
export const leafIn = (bytes: Buffer): Uint8Array => new Uint8Array(bytes.subarray(LEAF_AT, HEAD_BYTES));

/** @throws StoreError STORE_DAMAGED */
export function decodeRevision(bytes: Buffer, where: string): StoredRevision {
  try {
    const { values, pairs } = placesIn(bytes);
    const fields = JSON.parse(bytes.toString('utf8', HEAD_BYTES, values)) as TextFields;
    const [id, namespace, text, metadata, source, licence, sell] = fields;
    return {
      id,
      namespace,
      text,
      metadata,
      source,
      licence,
      sell,
      salt: new Uint8Array(bytes.subarray(SALT_AT, LEAF_AT)),
      version: Number(bytes.readBigUInt64BE(12)),
      writeIndex: bytes.readUInt32BE(8),
      vector: unpackVector(bytes.subarray(values, pairs)),
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
    return unpackVector(bytes.subarray(values, pairs));
  } catch (cause) {
    throw new StoreError('STORE_DAMAGED', `${where} cannot be read: its stored bytes are damaged; restore a backup`, { cause });
  }
}

/** Where the vector and the pairs of a revision begin. */
function placesIn(bytes: Buffer) {
  const values = HEAD_BYTES + bytes.readUInt32BE(0);
  const pairs = bytes.length - bytes.readUInt32BE(4) * PAIR_BYTES;
  if (pairs < values) throw new Error('the lengths do not fit');
  return { values, pairs };
}

/** The previous leaf hashes of the slots that a snapshot changed: `u64 time ‖ n × (u32 slot ‖ hash)`. */
export interface Undo {
  snapshot: number;
  /** When the previous snapshot was replaced, Unix milliseconds. */
  time: number;
  leaves: Map<number, Uint8Array>;
}

/** The same as it is stored. A map takes seven times the memory, and hardly any entry is ever needed. */
export interface PackedUndo extends Omit<Undo, 'leaves'> {
  bytes: Buffer;
}

const UNDO_ROW = 36;

export function packUndo(undo: Undo): PackedUndo {
  const bytes = Buffer.alloc(8 + undo.leaves.size * UNDO_ROW);
  bytes.writeBigUInt64BE(BigInt(undo.time), 0);
  let at = 8;
  for (const [slot, leaf] of undo.leaves) {
    bytes.writeUInt32BE(slot, at);
    bytes.set(leaf, at + 4);
    at += UNDO_ROW;
  }
  return { snapshot: undo.snapshot, time: undo.time, bytes };
}

/** An entry as it was stored. */
export const storedUndo = (snapshot: number, bytes: Buffer): PackedUndo => ({
  snapshot,
  time: Number(bytes.readBigUInt64BE(0)),
  bytes,
});

export function unpackUndo({ snapshot, time, bytes }: PackedUndo): Undo {
  const leaves = new Map<number, Uint8Array>();
  for (let at = 8; at + UNDO_ROW <= bytes.length; at += UNDO_ROW) {
    leaves.set(bytes.readUInt32BE(at), new Uint8Array(bytes.subarray(at + 4, at + UNDO_ROW)));
  }
  return { snapshot, time, leaves };
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
