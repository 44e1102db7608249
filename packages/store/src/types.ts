import type { FolderParts } from '@tributary/runtime';
import type {
  Delegation,
  Filter,
  Metadata,
  RecordInput,
  Request,
  Sell,
  SignedStatement,
  SparseVector,
  Statistics,
} from '@tributary/schemas';
import type { Embedder } from './embedding.ts';
import type { AnswerItem, SearchOutcome, StoredRecord } from './found.ts';
import type {
  AddedFile,
  AddFileProgress,
  CheckProgress,
  CheckReport,
  DocumentInfo,
  DocumentPlace,
  ExportedIndex,
  IngestOptions,
  IngestPlan,
  IngestProgress,
  IngestReport,
  IndexStats,
  NewFile,
} from './reports.ts';
import type { IndexCard, IndexInfo, IndexSettings, NewIndex, Visibility } from './settings.ts';
import type { WriterKey, WritersChange } from './write/types.ts';

export type { AnswerItem, StoredRecord } from './found.ts';
export type { IndexCard, IndexInfo, IndexSettings, IndexStatus, NewIndex, Visibility } from './settings.ts';

/** A write that is on disk: its sequence and the number of records that it changed. */
export interface WriteResult {
  sequence: number;
  count: number;
}

/** An answer that is to be built again. `request` is the body as it was received. */
export interface AnswerJournal {
  request: Uint8Array;
  snapshot: number;
  items: AnswerItem[];
  queryVector: string | null;
  statistics: Statistics | null;
}

/** A record that an answer names, in bytes (docs/spec/query.md#records). */
export interface AnswerRecord {
  /** Hash of `shown`, hex. */
  name: string;
  /** Name of `path` on a link, hex: the same record in another snapshot has another. */
  place: string;
  shown: Uint8Array;
  /** The hashes of the inclusion path of its slot. */
  path: Uint8Array;
}

export interface AnswerOutcome {
  /** Canonical JSON of the answer (docs/spec/query.md). */
  body: Uint8Array;
  /** For each result, in order, its record. */
  records: AnswerRecord[];
  status: 'ok' | 'empty' | 'gone';
  /** Hash and sequence of the manifest that the answer names. */
  manifest: string;
  snapshot: number;
  count: number;
  /** UTF-8 bytes of the texts shown. */
  textBytes: number;
  items: AnswerItem[];
  queryVector: string | null;
  statistics: Statistics | null;
}

export interface AnswerOptions {
  /** Records marked `sell: never` are found by the owner only. */
  client: 'owner' | 'other';
  /** The owner's limit. A request for more results gets this many. */
  topKMax: number;
}

export interface UpdateInput {
  id: string;
  namespace?: string;
  text?: string;
  vector?: Float32Array<ArrayBuffer>;
  sparse?: SparseVector;
  /** Keys to add or replace. */
  setMetadata?: Metadata;
  /** Keys to remove. */
  removeMetadata?: readonly string[];
}

/** Changes the metadata of the records of a namespace that pass the filter. */
export interface MatchingChange extends Pick<UpdateInput, 'namespace' | 'removeMetadata'> {
  filter: Filter;
  setMetadata: Metadata;
  dryRun?: boolean;
}

export type DeleteInput = { ids: string[] } | { filter: Filter } | { all: true };

/** Records of a namespace by their metadata. */
export interface MatchOptions {
  namespace?: string;
  filter: Filter;
  /** 1 to `matchesMax`. */
  limit: number;
  /** `next` of the page before. */
  after?: number | null;
}

export interface MatchPage {
  records: StoredRecord[];
  /** Give it as `after` for the next page; null at the end. */
  next: number | null;
}

export interface ListPage {
  ids: string[];
  /** Pass it as `after` to get the next page; null at the end. */
  next: string | null;
}

/** Manifest and tlog-proof of one snapshot. */
export interface SnapshotProof {
  manifest: string;
  log: string;
  /** The list of writers that the manifest names. */
  writers?: SignedStatement | undefined;
}

/** What changes the records of an index. Resolves once it is on disk. */
export type IndexWriter = Pick<Index, 'upsert' | 'update' | 'delete' | 'updateMatching' | 'addFile' | 'deleteDocument'>;

export interface Index {
  info(): IndexInfo;
  /**
   * The same index, written by a writer whose key this node holds. What the owner did not delegate is refused and
   * changes nothing.
   *
   * @throws TributaryError WRITER_NOT_DELEGATED, WRITER_REVOKED, WRITER_SCOPE from each call
   */
  as(writer: WriterKey): IndexWriter;
  /** Every delegation of the newest snapshot, ended ones included. */
  writers(): Promise<Delegation[]>;
  /**
   * Delegates to a writer from the next write on, or revokes its delegations (docs/spec/writers.md). Resolves once it
   * is on disk and in the log. May be repeated.
   *
   * @throws StoreError DELEGATION_INVALID
   */
  changeWriters(change: Omit<WritersChange, 'time'>): Promise<Delegation[]>;
  setVisibility(visibility: Visibility): Promise<IndexInfo>;
  /** A function is given the settings as they are then, after all changes before this one. */
  setCard(card: Partial<IndexCard> | ((present: IndexSettings) => Partial<IndexCard>)): Promise<IndexInfo>;
  /** Writes records. Those without a vector are embedded first. Resolves once the write is on disk. */
  upsert(records: readonly RecordInput[]): Promise<WriteResult>;
  /** Changes parts of records in one write, at most `writeOperationsMax`. Those that are not there are not counted. */
  update(changes: UpdateInput | readonly UpdateInput[]): Promise<WriteResult>;
  /** Deletes records by id or filter, or all of the namespace. Text, vectors and salts are destroyed. */
  delete(what: DeleteInput, namespace?: string): Promise<WriteResult>;
  fetch(ids: readonly string[], namespace?: string): Promise<StoredRecord[]>;
  /** A page of the records whose metadata pass, in an order of the store's own. @throws StoreError RECORD_INVALID */
  fetchMatching(options: MatchOptions): Promise<MatchPage>;
  /**
   * Sets and removes metadata of every record that passes the filter when its turn comes, in writes of the greatest
   * size. A dry run only counts.
   */
  updateMatching(change: MatchingChange): Promise<WriteResult>;
  list(options: { namespace?: string; prefix?: string; limit?: number; after?: string }): Promise<ListPage>;
  stats(): Promise<IndexStats>;
  answer(request: { parsed: Request }, options: AnswerOptions): Promise<AnswerOutcome>;
  /**
   * Resolves once the write is published, without doing any work meanwhile.
   *
   * @throws StoreError SNAPSHOT_BEHIND after `snapshotWaitMs`, STORE_BUSY when too many wait
   */
  reached(sequence: number): Promise<void>;
  /**
   * Returns what {@link answer} finds for the owner, without proofs and receipt. For reading one's own index. Takes the
   * vector of the question as it is, in place of that of `parsed`.
   */
  search(request: { parsed: Request; vector?: Float32Array }, options?: { topKMax: number }): Promise<SearchOutcome>;
  /** The same bytes again, or an answer of status `gone`. */
  rebuild(journal: AnswerJournal): Promise<AnswerOutcome>;
  snapshot(manifestHash: string): Promise<SnapshotProof>;
  writes(hashes: readonly string[]): Promise<SignedStatement[]>;
  /** Consistency proof between two sizes of the log, base64url. */
  consistency(first: number, second: number): Promise<string[]>;
  ingest(
    paths: readonly string[],
    options?: IngestOptions,
    onProgress?: (progress: IngestProgress) => void,
  ): Promise<IngestReport>;
  plan(paths: readonly string[], options?: IngestOptions, onProgress?: (progress: IngestProgress) => void): Promise<IngestPlan>;
  /**
   * Takes in one file that a caller hands over, after those that came before it; a document of that name is replaced.
   * An unchanged one writes nothing. Resolves once all of it is on disk.
   *
   * @throws StoreError PARSE_*, RECORD_INVALID, METADATA_INVALID: nothing was written; MODEL_NOT_FOUND, STORE_BUSY
   */
  addFile(file: NewFile, options?: IngestOptions, onProgress?: (progress: AddFileProgress) => void): Promise<AddedFile>;
  /**
   * One page of the ingested documents, of all namespaces or of one. Pass the last one as `after` for the next page; an
   * empty page is the end.
   */
  documents(after?: DocumentPlace | null, options?: { namespace?: string; limit?: number }): Promise<DocumentInfo[]>;
  /**
   * Deletes a document's records, also from the database's files.
   *
   * @throws StoreError PATH_NOT_FOUND, STORE_BUSY
   */
  deleteDocument(place: DocumentPlace): Promise<{ records: number; file: string }>;
  /** True while an ingest or a change of rules runs. */
  busy(): boolean;
  /**
   * Applies rules to what is sold of stored documents; returns how many records changed.
   *
   * @throws StoreError STORE_BUSY
   */
  restate(sell: (document: string) => Sell): Promise<{ records: number }>;
  check(onProgress?: (progress: CheckProgress) => void): Promise<CheckReport>;
  /** Writes the records of the newest snapshot to a new file, synced. @throws StoreError DISK_WRITE, STORE_DAMAGED */
  export(path: string): Promise<ExportedIndex>;
  compact(): Promise<void>;
  /** @param isLeaving true: an engine that has its graph is told to remove it, if it can be reached */
  close(isLeaving?: boolean): Promise<void>;
}

export interface StoreOptions {
  directory: string;
  owner: { seed: Uint8Array };
  embedder?: Embedder;
  /** The parts of the data folder below `directory`, so that a missing index or an older copy is refused. */
  parts?: FolderParts;
  /** Clock in Unix milliseconds. */
  now?: () => number;
  randomBytes?: (bytes: number) => Uint8Array;
  /** Address of PostgreSQL with pgvector, `postgres://…`: new indexes have their graphs there. */
  engineUrl?: string;
  /** Indexes, by name, whose graphs are moved when they are opened. The others stay where they are. */
  graphs?: Readonly<Record<string, GraphPlace>>;
}

/** Where an index has its graph: in this process, or on the engine. */
export type GraphPlace = 'here' | 'engine';

export interface Store {
  indexes(): IndexInfo[];
  /** Indexes that could not be opened, with the reason. */
  failed(): { name: string; error: Error }[];
  createIndex(index: NewIndex): Promise<Index>;
  /** @throws StoreError INDEX_NOT_FOUND, or the reason why the index could not be opened */
  index(nameOrId: string): Index;
  /** The open index of that name or id; null if there is none. */
  find(nameOrId: string): Index | null;
  /** Deletes an index with its files. @throws StoreError INDEX_NOT_FOUND, INDEX_PROTECTED, STORE_BUSY, DISK_WRITE */
  removeIndex(nameOrId: string): Promise<void>;
  close(): Promise<void>;
}
