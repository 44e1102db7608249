import type {
  Filter,
  Metadata,
  Metric,
  RecordInput,
  Request,
  Sell,
  SignedStatement,
  Source,
  Statistics,
} from '@tributary/schemas';
import type { TokenizerSource } from './embedder/tokenizer.ts';
import type { CheckProgress, CheckReport, IngestOptions, IngestPlan, IngestProgress, IngestReport } from './reports.ts';

/** Describes an embedding model; its digest is in every manifest and vector commitment (docs/spec/snapshot.md). */
export interface ModelCard {
  readonly id: string;
  /** Languages that the model was made for (BCP 47); questions in others are ranked by their words. */
  readonly languages?: readonly string[];
  readonly [member: string]: unknown;
}

/** Turns texts into vectors. Texts longer than `maxTokens` are cut off by the model. */
export interface Embedder {
  readonly card: ModelCard;
  /** Hex digest of the card. */
  readonly digest: string;
  readonly dimension: number;
  readonly maxTokens: number;
  /** @throws StoreError EMBED_FAILED */
  embed(texts: readonly string[], kind: 'document' | 'query', signal?: AbortSignal): Promise<Float32Array<ArrayBuffer>[]>;
  /** Tokens of a document's text as the model counts them, special tokens included; synchronous. */
  countTokens(text: string): number;
  /** Where the tokenizer's files lie, when they are on this machine: long documents are then cut off the event loop. */
  readonly tokenizer?: TokenizerSource;
  close(): Promise<void>;
}

export type Visibility = 'private' | 'listed';

/** What an owner says about an index; free to change, not part of any proof. */
export interface IndexCard {
  title: string;
  description: string;
  licence: string;
  /** Whom new writes declare as author. */
  author: string | null;
}

export interface NewIndex extends Partial<IndexCard> {
  name: string;
  dimension: number;
  metric: Metric;
  /** Null when the model is not declared. */
  model: ModelCard | null;
  /** `private` unless said otherwise. */
  visibility?: Visibility;
  /** `self` (default): the owner writes; `provider`: the provider holds the signing key for somebody else. */
  custody?: 'self' | 'provider';
}

/** The fixed and the changeable description of an index, as kept in `index.json`. */
export interface IndexSettings extends IndexCard {
  id: string;
  name: string;
  /** did:key of the owner. */
  provider: string;
  dimension: number;
  metric: Metric;
  model: ModelCard;
  /** Hex digest of `model`. */
  modelDigest: string;
  visibility: Visibility;
  custody: 'self' | 'provider';
  /** Unix milliseconds. */
  created: number;
}

/** State of an index after its newest published snapshot. */
export interface IndexStatus {
  records: number;
  /** Sequence of the last write; 0 when there is none. */
  sequence: number;
  /** Sequence of the manifest. */
  snapshot: number;
  manifestHash: string;
  namespaces: Record<string, number>;
  /** What the last check found wrong, first of all; null when nothing was. It is refused until it is mended. */
  damage: string | null;
}

export interface IndexInfo extends IndexSettings, IndexStatus {}

/** A write that is on disk: its sequence and how many records it touched. */
export interface WriteResult {
  sequence: number;
  count: number;
}

export interface StoredRecord {
  id: string;
  namespace: string;
  text: string;
  vector: Float32Array;
  metadata: Metadata;
  source: Source | null;
  licence: string | null;
  sell: Sell;
  /** Sequence of the write that made this revision. */
  version: number;
}

/** What the journal of a node keeps of one result, to make the same bytes again. */
export interface AnswerItem {
  slot: number;
  version: number;
  score: number;
  dense: number | null;
  bm25: number | null;
  relevance: number;
}

/** An answer that is to be made again; `request` is the body as it was received. */
export interface AnswerJournal {
  request: Uint8Array;
  snapshot: number;
  items: AnswerItem[];
  queryVector: string | null;
  statistics: Statistics | null;
}

export interface AnswerOutcome {
  /** Canonical JSON of the answer (docs/spec/query.md). */
  body: Uint8Array;
  status: 'ok' | 'empty' | 'gone';
  /** Hash of the manifest that the answer names, and its sequence. */
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
  /** The owner's cap; a request for more results is answered with this many. */
  topKMax: number;
}

/** A record that a search of the owner's found: what it holds, its numbers, and who wrote it. */
export interface FoundRecord extends StoredRecord, Omit<AnswerItem, 'slot' | 'version'> {
  /** did:key of whoever signed the write. */
  signer: string;
  custody: 'self' | 'provider';
  author: string | null;
}

/** What a search finds in one snapshot; nothing of it is proven. */
export interface SearchOutcome {
  snapshot: number;
  /** Of the snapshot, Unix milliseconds. */
  time: number;
  records: FoundRecord[];
}

export interface UpdateInput {
  id: string;
  namespace?: string;
  text?: string;
  vector?: Float32Array<ArrayBuffer>;
  /** Keys to add or replace. */
  setMetadata?: Metadata;
}

export type DeleteInput = { ids: string[] } | { filter: Filter } | { all: true };

/** A document is named by its namespace and its path. */
export interface DocumentPlace {
  namespace: string;
  document: string;
}

/** What an index has of one document that an ingest brought in. */
export interface DocumentInfo extends DocumentPlace {
  /** Its file, when it was taken in. */
  file: string;
  bytes: number;
  /** Unix milliseconds. */
  time: number;
  records: number;
  sell: Sell;
  /** False while not all of it is in the index, or it is being deleted. */
  whole: boolean;
  /** Why its file, or the first of its records that is missing, was left out; null when nothing was. */
  leftOut: string | null;
}

export interface ListPage {
  ids: string[];
  /** Give it as `after` for the next page; null at the end. */
  next: string | null;
}

export interface IndexStats {
  records: number;
  namespaces: Record<string, number>;
  dimension: number;
  metric: Metric;
  sequence: number;
  /** Estimated memory of the search structures. */
  memoryBytes: number;
}

/** Manifest and tlog-proof of one snapshot. */
export interface SnapshotProof {
  manifest: string;
  log: string;
}

export interface Index {
  info(): IndexInfo;
  setVisibility(visibility: Visibility): Promise<IndexInfo>;
  setCard(card: Partial<IndexCard>): Promise<IndexInfo>;
  /** Writes records; those without a vector are embedded first. Resolves once the write is on disk. */
  upsert(records: readonly RecordInput[]): Promise<WriteResult>;
  /** Changes parts of one record; `count` is 0 when there is none of that id. */
  update(change: UpdateInput): Promise<WriteResult>;
  /** Deletes records by id or filter, or all of the namespace; text, vector and salts are destroyed. */
  delete(what: DeleteInput, namespace?: string): Promise<WriteResult>;
  fetch(ids: readonly string[], namespace?: string): Promise<StoredRecord[]>;
  list(options: { namespace?: string; prefix?: string; limit?: number; after?: string }): Promise<ListPage>;
  stats(): Promise<IndexStats>;
  answer(request: { parsed: Request }, options: AnswerOptions): Promise<AnswerOutcome>;
  /** Finds what {@link answer} finds for the owner, without proofs and receipt: for reading one's own index. */
  search(request: { parsed: Request }): Promise<SearchOutcome>;
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
   * One page of the documents that ingests brought in; give the last one as `after` for the next, until a page is
   * empty.
   */
  documents(after?: DocumentPlace | null): Promise<DocumentInfo[]>;
  /** Deletes a document's records, also from the database's files. @throws StoreError PATH_NOT_FOUND, STORE_BUSY */
  deleteDocument(place: DocumentPlace): Promise<{ records: number; file: string }>;
  /** True while an ingest, a deletion of a document or a change of rules runs. */
  busy(): boolean;
  /**
   * Brings what is sold of stored documents to what these rules say; returns how many records changed.
   *
   * @throws StoreError STORE_BUSY
   */
  restate(sell: (document: string) => Sell): Promise<{ records: number }>;
  check(onProgress?: (progress: CheckProgress) => void): Promise<CheckReport>;
  compact(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  directory: string;
  owner: { seed: Uint8Array };
  embedder?: Embedder;
  /** Clock in Unix milliseconds. */
  now?: () => number;
  randomBytes?: (bytes: number) => Uint8Array;
}

export interface Store {
  indexes(): IndexInfo[];
  /** Indexes that could not be opened, with the reason. */
  failed(): { name: string; error: Error }[];
  createIndex(index: NewIndex): Promise<Index>;
  /** @throws StoreError INDEX_NOT_FOUND, or the reason why the index could not be opened */
  index(nameOrId: string): Index;
  /**
   * Deletes an index with all its files.
   *
   * @throws StoreError INDEX_NOT_FOUND, STORE_BUSY while it is ingested into, DISK_WRITE
   */
  removeIndex(nameOrId: string): Promise<void>;
  close(): Promise<void>;
}
