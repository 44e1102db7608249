import type { Metadata, Sell, StoreErrorCode } from '@tributary/schemas';

export interface RejectedFile {
  file: string;
  code: StoreErrorCode;
  reason: string;
}

export interface IngestOptions {
  namespace?: string;
  licence?: string | null;
  /** For all chunks, or by the name of their document. */
  sell?: Sell | ((document: string) => Sell);
  /** Metadata added to every chunk. */
  metadata?: Metadata;
  /** Tried on encrypted PDFs. */
  passwords?: readonly string[];
  signal?: AbortSignal;
}

export interface IngestProgress {
  phase: 'walk' | 'count' | 'write' | 'remove';
  /** Changed files finished, of `total`. */
  done: number;
  total: number;
  /** Chunks counted or embedded so far. */
  chunks: number;
  bytes: number;
  /** Chunks embedded per second in the last half minute. */
  rate: number;
  secondsLeft: number | null;
}

/** What an ingest left out, by number. */
export interface LeftOutCounts {
  readonly rejected: number;
  /** Names that begin with a dot. */
  readonly hidden: number;
  /** What .gitignore files name, and node_modules. */
  readonly ignored: number;
}

export interface IngestReport {
  files: number;
  /** Files that were new or changed, and so parsed. */
  parsed: number;
  documents: number;
  chunks: { added: number; unchanged: number; removed: number };
  rejected: RejectedFile[];
  rejectedCount: number;
  passedOver: LeftOutCounts;
  seconds: number;
  /** True when the caller stopped it; what was written stays. */
  aborted: boolean;
}

export interface IngestPlan {
  files: number;
  chunks: number;
  bytes: number;
  /** From a timed sample; null when nothing is to be embedded. */
  seconds: number | null;
  rejected: RejectedFile[];
  rejectedCount: number;
}

export interface CheckProgress {
  phase: 'writes' | 'records' | 'tree' | 'log' | 'graph';
  done: number;
  total: number;
}

export interface CheckFinding {
  code: StoreErrorCode;
  /** Which part of the store: a write, a slot, a manifest, a file. */
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
