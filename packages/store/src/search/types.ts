import type { FilterNode, MetadataTest, TextTerms } from '@tributary/proof/ranking';
import type { Metadata, QueryMode, Sell, SparseVector } from '@tributary/schemas';
import type { CodedVector } from '../vectors/quantise.ts';
import type { LexicalIndex, LexicalQuery } from '../lexical/lexical-index.ts';
import type { MetadataIndex } from '../metadata/metadata-index.ts';
import type { Namespaces } from '../metadata/namespaces.ts';
import type { Bitmap } from '../slots/bitmap.ts';
import type { DenseIndex } from '../remote/types.ts';
import type { SparseIndex } from '../sparse/sparse-index.ts';
import type { DenseQuery } from '../vectors/dense-query.ts';
import type { TopK } from '../slots/top-k.ts';
import type { GraphOptions } from '../vectors/types.ts';
import type { VectorStore } from '../vectors/vector-store.ts';

/** A record as the engine holds it in its slot. */
export interface EngineRecord {
  readonly slot: number;
  readonly namespace: string;
  /** Empty in an index of sparse vectors only. */
  readonly vector: Float32Array;
  readonly sparse: SparseVector | null;
  readonly searchText: string;
  readonly metadata: Metadata;
  readonly sell: Sell;
}

/** What is computed of a record before it is put, so that putting it takes little time. */
export interface StagedRecord {
  readonly words: TextTerms;
  /** Null in an index of sparse vectors only. */
  readonly coded: CodedVector | null;
}

/** A query of the engine. Its text is already embedded and split into terms. */
export interface EngineQuery {
  readonly mode: QueryMode;
  /** Required in modes that compare dense vectors. */
  readonly vector: Float32Array | null;
  /** Required in modes that compare sparse vectors. */
  readonly sparse: SparseVector | null;
  /** Distinct terms and their occurrences (`queryTerms`). Required in bm25 and hybrid mode. */
  readonly terms: ReadonlyMap<string, number> | null;
  /** Weight of the dense part. Required in hybrid mode. */
  readonly denseWeight: number | null;
  readonly namespace: string;
  readonly topK: number;
  /** Used when `filterNode` is null. Slower, because each record is tested. */
  readonly filter: MetadataTest | null;
  readonly filterNode: FilterNode | null;
  /** Results of lower relevance are dropped; 0 to 1. */
  readonly minRelevance: number;
  /** Leaves out records marked `sell: never`. */
  readonly excludeUnsold: boolean;
  /** Scores every record: slow but exact. */
  readonly exact?: boolean;
  /** Search width of the graph, instead of the default. */
  readonly ef?: number;
}

/** One result, with the numbers that an answer carries (docs/spec/query.md). */
export interface EngineHit {
  readonly slot: number;
  readonly score: number;
  readonly dense: number | null;
  readonly bm25: number | null;
  /** Only in modes that compare sparse vectors. */
  readonly sparse?: number;
  readonly relevance: number;
}

/** What the steps of a search read, and the buffers that are reused from query to query. */
export interface SearchState {
  readonly vectors: VectorStore;
  readonly dense: DenseIndex;
  readonly lexical: LexicalIndex;
  readonly sparse: SparseIndex;
  readonly metadata: MetadataIndex;
  readonly namespaces: Namespaces;
  readonly graph: GraphOptions;
  readonly scratch: {
    readonly scope: Bitmap;
    readonly seen: Bitmap;
    readonly nearest: TopK;
    readonly lexical: TopK;
    readonly sparse: TopK;
    readonly ranked: TopK;
  };
}

/** A prepared query. Parts that its mode does not use are null. */
export interface Prepared {
  readonly query: EngineQuery;
  readonly dense: DenseQuery | null;
  readonly words: LexicalQuery | null;
}

/** Slots that may be in the results. */
export interface Scope {
  readonly count: number;
  /** Null when every live slot may. */
  readonly slots: Bitmap | null;
}
