import type { Metadata, Sell, Source, SparseVector } from '@tributary/schemas';

export interface StoredRecord {
  id: string;
  namespace: string;
  text: string;
  /** Empty in an index of sparse vectors only. */
  vector: Float32Array;
  sparse: SparseVector | null;
  metadata: Metadata;
  source: Source | null;
  licence: string | null;
  sell: Sell;
  /** Sequence of the write that made this revision. */
  version: number;
}

/** What the journal of a node keeps of one result, to build the same bytes again. */
export interface AnswerItem {
  slot: number;
  version: number;
  score: number;
  dense: number | null;
  bm25: number | null;
  /** Only in modes that compare sparse vectors. */
  sparse?: number;
  relevance: number;
}

/** A record and who wrote it. */
export interface WrittenRecord extends StoredRecord {
  /** did:key that signed the write. */
  signer: string;
  custody: 'self' | 'provider';
  author: string | null;
}

/** A record that the owner's search found: its content, its scores, and who wrote it. */
export interface FoundRecord extends WrittenRecord, Pick<AnswerItem, 'score' | 'relevance'> {
  components: Pick<AnswerItem, 'dense' | 'bm25' | 'sparse'>;
}

/** The result of a search in one snapshot, without proofs. */
export interface SearchOutcome {
  snapshot: number;
  /** Time of the snapshot, Unix milliseconds. */
  time: number;
  records: FoundRecord[];
}

/** What the owner's search found. */
export interface FoundOutcome extends Omit<SearchOutcome, 'records'> {
  items: FoundItem[];
}

export interface FoundItem extends Pick<FoundRecord, 'score' | 'relevance' | 'components'> {
  record: WrittenRecord;
}
