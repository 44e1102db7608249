import type { FlaggedChunks } from './disk/values.ts';
import type { Metadata, Metric, Sell, StoreErrorCode, VectorKinds } from '@tributary/schemas';

export interface RejectedFile {
  file: string;
  code: StoreErrorCode;
  reason: string;
}

export interface IngestOptions {
  namespace?: string;
  licence?: string | null;
  /** One value for all chunks, or a function of the document's name. */
  sell?: Sell | ((document: string) => Sell);
  /** Metadata added to every chunk. */
  metadata?: Metadata;
  /** Most tokens of a chunk, where the model's window is larger. */
  chunkTokens?: number;
  /** Tried on encrypted PDFs. */
  passwords?: readonly string[];
  signal?: AbortSignal;
}

export interface IngestProgress {
  phase: 'walk' | 'count' | 'write' | 'remove';
  /** Changed files that are finished, out of `total`. */
  done: number;
  total: number;
  /** Chunks counted or embedded so far. */
  chunks: number;
  bytes: number;
  /** Chunks embedded per second during the last half minute. */
  rate: number;
  secondsLeft: number | null;
}

/** Numbers of paths that an ingest left out, by reason. */
export interface LeftOutCounts {
  readonly rejected: number;
  /** Names that begin with a dot. */
  readonly hidden: number;
  /** Paths in .gitignore files, and node_modules. */
  readonly ignored: number;
}

export interface IngestReport {
  files: number;
  /** Files that were new or changed, and therefore parsed. */
  parsed: number;
  documents: number;
  chunks: { added: number; unchanged: number; removed: number };
  rejected: RejectedFile[];
  rejectedCount: number;
  passedOver: LeftOutCounts;
  /** Chunks that look as if they were meant for a model, stored as they are, and the first documents with some. */
  flagged: { count: number; documents: string[] };
  seconds: number;
  /** True when the caller stopped the ingest. What was written stays. */
  aborted: boolean;
}

export interface IngestPlan {
  files: number;
  chunks: number;
  bytes: number;
  /** Estimated tokens that are sent to an embedding endpoint; null when the model is on this machine. */
  tokens: number | null;
  /** Estimated from a timed sample; null when nothing needs embedding, and for an endpoint, which is not asked. */
  seconds: number | null;
  rejected: RejectedFile[];
  rejectedCount: number;
}

/** Identifies a document by its namespace and path. */
export interface DocumentPlace {
  namespace: string;
  document: string;
}

/** An ingested document as the index knows it. */
export interface DocumentInfo extends DocumentPlace {
  /** Path of its file when it was ingested; `upload:` and its name when a caller handed it over. */
  file: string;
  bytes: number;
  /** Unix milliseconds. */
  time: number;
  records: number;
  sell: Sell;
  /** False while the document is not completely in the index, or is being deleted. */
  whole: boolean;
  /** Why its file, or the first of its missing records, was left out; null when nothing was. */
  leftOut: string | null;
  /** Its chunks that looked as if they were meant for a model when it was ingested, and the labels of their flags. */
  flagged: FlaggedChunks;
}

/** A file that a caller hands over. */
export interface NewFile {
  /** Where its bytes are. */
  path: string;
  /** Name of its document, with `/`; its ending decides how it is read. */
  name: string;
  /** Decides instead where the ending says nothing. */
  mediaType?: string;
}

/** Chunks of a file so far: those that were cut, and those of them that have their vectors. */
export interface AddFileProgress {
  found: number;
  embedded: number;
}

export interface AddedFile extends DocumentPlace {
  bytes: number;
  /** How many records it has in the index. */
  records: number;
  chunks: IngestReport['chunks'];
  /** Its records that could not be stored, and why the first of them. */
  leftOut: { count: number; first: string | null };
  /** Its chunks that look as if they were meant for a model. They are stored as they are. */
  flagged: FlaggedChunks;
  /** Of the last write of the index. */
  sequence: number;
}

export interface CheckProgress {
  phase: 'writes' | 'records' | 'tree' | 'log' | 'graph';
  done: number;
  total: number;
}

export interface CheckFinding {
  code: StoreErrorCode;
  /** The affected part of the store: a write, a slot, a manifest, a file. */
  where: string;
  message: string;
}

export interface CheckReport {
  ok: boolean;
  writes: number;
  records: number;
  snapshots: number;
  findings: CheckFinding[];
  findingsCount: number;
}

/** The records of one snapshot in a file. */
export interface ExportedIndex {
  /** Sequence of the last write that is in it. */
  sequence: number;
  records: number;
  namespaces: number;
  bytes: number;
  /** Of the whole file, hex. */
  sha256: string;
}

/** What an index holds. */
export interface IndexStats {
  records: number;
  namespaces: Record<string, number>;
  dimension: number;
  metric: Metric;
  vectors: VectorKinds;
  sequence: number;
  /** Vectors that are not in the graph yet. */
  waiting: number;
  /** Estimated memory in bytes, and that of each part. */
  memoryBytes: number;
  memory: Record<string, number>;
}
