import type { Delegation, Filter, SignedStatement } from '@tributary/schemas';
import type { IndexQuery } from '../answer/types.ts';
import type { FoundOutcome } from '../found.ts';
import type { DocumentRow } from '../disk/values.ts';
import type { WireError } from '../threads/wire-error.ts';
import type { DocumentEntry } from '../disk/records.ts';
import type {
  AnswerJournal,
  AnswerOutcome,
  IndexSettings,
  IndexStatus,
  ListPage,
  MatchPage,
  SnapshotProof,
  StoredRecord,
  WriteResult,
} from '../types.ts';
import type { CheckProgress, CheckReport, DocumentPlace, ExportedIndex, IndexStats } from '../reports.ts';
import type { DeleteRequest, WriteRequest, WritersChange } from '../write/types.ts';

/** Start data of a worker. */
export interface WorkerStart {
  directory: string;
  settings: IndexSettings;
  seed: Uint8Array;
  /** Address of the engine, with its password; null: none was given. */
  engineUrl: string | null;
  /** Set for a new index: its files are created in the folder `making`, which is then renamed. */
  create: { making: string; time: number } | null;
}

/** Records by their metadata, from the slot after `after`. */
export interface MatchRequest {
  namespace: string;
  filter: Filter;
  limit: number;
  after: number | null;
}

/** The calls of an index worker: parameters and result of each. */
export interface IndexCalls {
  write: (request: WriteRequest) => WriteResult;
  deleteMatching: (request: DeleteRequest) => WriteResult;
  changeWriters: (change: WritersChange) => Delegation[];
  writers: (request: null) => Delegation[];
  /** Publishes the same snapshot anew, with this date. */
  redate: (time: number) => void;
  answer: (query: IndexQuery) => AnswerOutcome;
  /** Waits for a write; the service does. */
  reached: (sequence: number) => void;
  search: (query: IndexQuery) => FoundOutcome;
  rebuild: (journal: AnswerJournal) => AnswerOutcome;
  fetch: (request: { namespace: string; ids: string[] }) => StoredRecord[];
  matching: (request: MatchRequest) => MatchPage;
  matchingIds: (request: MatchRequest) => { ids: string[]; total: number; next: number | null };
  list: (request: { namespace: string; prefix: string; limit: number; after: string | null }) => ListPage;
  documents: (request: { namespace: string | null; after: DocumentPlace | null; limit: number }) => DocumentEntry[];
  document: (request: { namespace: string; document: string }) => DocumentRow | null;
  stats: (request: null) => IndexStats;
  snapshot: (manifestHash: string) => SnapshotProof;
  writes: (hashes: string[]) => SignedStatement[];
  consistency: (request: { first: number; second: number }) => string[];
  check: (request: null) => CheckReport;
  export: (path: string) => ExportedIndex;
  compact: (request: null) => void;
  /** `leaving`: the index is deleted. */
  close: (why: 'leaving' | null) => void;
}

export type CallName = keyof IndexCalls;
export type CallParams<Name extends CallName> = Parameters<IndexCalls[Name]>[0];
export type CallResult<Name extends CallName> = ReturnType<IndexCalls[Name]>;

/**
 * Runs a call.
 *
 * @throws the error of the call
 */
export type Call = <Name extends CallName>(
  name: Name,
  params: CallParams<Name>,
  onProgress?: (progress: CheckProgress) => void,
) => Promise<CallResult<Name>>;

export interface CallMessage {
  id: number;
  name: CallName;
  params: unknown;
}

export type WorkerMessage =
  | { type: 'open'; status: IndexStatus }
  | { type: 'failed'; error: WireError }
  | { type: 'status'; status: IndexStatus }
  | { type: 'progress'; id: number; progress: CheckProgress }
  | { type: 'result'; id: number; result: unknown }
  | { type: 'error'; id: number; error: WireError };
