import { textTerms, type FilterNode } from '@tributary/proof/ranking';
import { MODE_PARTS, type Metric, type Statistics } from '@tributary/schemas';
import { createLexicalIndex } from '../lexical/lexical-index.ts';
import { createMetadataIndex } from '../metadata/metadata-index.ts';
import { createNamespaces, enter, leave, loadNamespaces, saveNamespaces } from '../metadata/namespaces.ts';
import type { Pace } from '../pace.ts';
import type { Part } from '../parts/part.ts';
import { countBits, createBitmap, intersect, listBits, type Bitmap } from '../slots/bitmap.ts';
import { createHnswIndex, type GraphUpkeep } from '../graph/hnsw-index.ts';
import { GRAPH_LINKS } from '../graph/node-memory.ts';
import { engineSearchWidth, scanBytesMax, scanVectorsMax } from '../limits.ts';
import { createNoGraph } from '../graph/no-graph.ts';
import { codeVector } from '../vectors/quantise.ts';
import { createRemoteIndex } from '../remote/remote-index.ts';
import type { DenseIndex, RemoteOptions, RemoteSide } from '../remote/types.ts';
import { createSparseIndex } from '../sparse/sparse-index.ts';
import { createTopK } from '../slots/top-k.ts';
import type { KeptVectors } from '../vectors/kept-vectors.ts';
import type { Asked, GraphOptions } from '../vectors/types.ts';
import {
  checkVector,
  createVectorStore,
  loadVectors,
  saveVectors,
  vectorBytes,
  type VectorStore,
} from '../vectors/vector-store.ts';
import { ask } from './ask.ts';
import { fuse } from './fuse.ts';
import { lexical } from './lexical.ts';
import { nearest } from './nearest.ts';
import { prepare } from './prepare.ts';
import { rank } from './rank.ts';
import { select } from './scope.ts';
import { sparse } from './sparse.ts';
import type { EngineHit, EngineQuery, EngineRecord, SearchState, StagedRecord } from './types.ts';

/**
 * M and efConstruction have the usual values. efSearch gives recall@10 above 0.99 on MNIST and on 20,000 clustered
 * vectors. Up to `scanned` vectors, comparing all costs about as much as a walk, is exact, and saves the graph.
 */
export const graphDefaults = (dimension: number): GraphOptions => ({
  M: GRAPH_LINKS,
  efConstruction: 200,
  efSearch: 64,
  scanned: Math.min(scanVectorsMax, Math.floor(scanBytesMax / Math.max(1, dimension))),
});

export interface EngineOptions {
  /** 0: sparse vectors only. */
  readonly dimension: number;
  readonly metric: Metric;
  readonly hnsw?: GraphOptions | undefined;
  /** Where the graph is, if not in this process. */
  readonly remote?: RemoteOptions | null;
  /** The vectors in records; null: all are in memory. */
  readonly kept?: KeptVectors | null;
  /** What {@link SearchEngine.save} gave, beside the vectors in `kept`. */
  readonly saved?: EngineParts;
  /** Slots of `saved` that have changed since. They must be put or removed before anything else. */
  readonly stale?: readonly number[];
  /** Clock in milliseconds that measures slices of work. */
  readonly now?: () => number;
}

/** What an engine holds in memory, but for the graph and the vectors that are in records. */
export type EngineParts = Readonly<Record<'vectors' | 'lexical' | 'sparse' | 'metadata' | 'namespaces', Part>>;

/** Everything of one index that a search needs, in memory: vectors, graph, keywords and metadata by slot. */
export interface SearchEngine extends GraphUpkeep {
  /** Computes what putting a record needs. Changes nothing. @throws StoreError VECTOR_* */
  stage(record: EngineRecord): StagedRecord;
  /**
   * Puts a record into its slot and replaces the previous one. Searches see it at once.
   *
   * @param staged what {@link SearchEngine.stage} gave for it
   * @throws StoreError VECTOR_*, WRITE_TOO_LARGE; nothing has changed then
   */
  put(record: EngineRecord, staged?: StagedRecord): void;
  remove(slot: number): void;
  /**
   * Asks for candidates where the graph of this index is. Null when it is here, or when the query needs none: then
   * {@link search} answers in the same turn.
   *
   * @throws StoreError QUERY_INVALID, VECTOR_*, ENGINE_*
   */
  ask(query: EngineQuery): Promise<Asked | null> | null;
  /**
   * @param asked what {@link ask} gave for this query
   * @throws StoreError QUERY_INVALID, VECTOR_*
   */
  search(query: EngineQuery, asked?: Asked | null): EngineHit[];
  /** The engine that holds the graph; null when it is here. */
  readonly remote: RemoteSide | null;
  /** Statistics over the live records of the namespace; `soldOnly` leaves out those that are not for sale. */
  statistics(namespace: string, terms: readonly string[], soldOnly: boolean): Statistics;
  /** Number of live records by namespace. */
  namespaces(): Map<string, number>;
  /** Slots in ascending order. Null means all namespaces, and no filter. */
  matching(namespace: string | null, filter: FilterNode | null): Uint32Array;
  /** An estimate of the bytes of each part. */
  memory(): Record<string, number>;
  /**
   * What it holds but for its graph, and vectors that are in records. No record may be put or removed until that is
   * written; searches go on.
   */
  save(pace: Pace): Promise<EngineParts>;
}

/**
 * An empty engine, or one that was saved.
 *
 * @throws Error when what was saved does not fit
 */
export function createEngine(options: EngineOptions): SearchEngine {
  const own = options.hnsw ?? graphDefaults(options.dimension);
  const graph = options.remote ? { ...own, efSearch: engineSearchWidth } : own;
  const vectors = createVectorStore(options.dimension, options.metric, options.kept);
  const { saved = null } = options;
  if (saved !== null) loadVectors(vectors, saved.vectors, options.stale);
  const now = options.now ?? (() => performance.now());
  const dense = createDense(vectors, graph, now, options.remote ?? null);
  const state: SearchState = {
    vectors,
    dense,
    lexical: createLexicalIndex(saved?.lexical),
    sparse: createSparseIndex(saved?.sparse),
    metadata: createMetadataIndex(saved?.metadata),
    namespaces: saved === null ? createNamespaces() : loadNamespaces(saved.namespaces),
    graph,
    scratch: {
      scope: createBitmap(),
      seen: createBitmap(),
      nearest: createTopK(),
      lexical: createTopK(),
      sparse: createTopK(),
      ranked: createTopK(),
    },
  };
  return {
    stage: (record) => stage(state, record),
    put: (record, staged = stage(state, record)) => put(state, record, staged),
    remove: (slot) => remove(state, slot),
    ask: (query) => askElsewhere(state, query),
    search: (query, asked = null) => search(state, query, asked),
    remote: dense.remote,
    statistics: (namespace, terms, soldOnly) => state.lexical.statistics(namespace, terms, soldOnly),
    namespaces: () => new Map([...state.namespaces.byName.values()].map(({ name, list }) => [name, list.length])),
    matching: (namespace, filter) => matching(state, namespace, filter),
    memory: () => memory(state),
    save: (pace) => save(state, pace),
    hasGraph: dense.hasGraph,
    insertSlice: dense.insertSlice,
    needsRepair: dense.needsRepair,
    startRepair: dense.startRepair,
    saveGraph: dense.saveGraph,
    takeGraph: dense.takeGraph,
    unsaved: dense.unsaved,
    waiting: dense.waiting,
  };
}

function createDense(vectors: VectorStore, graph: GraphOptions, now: () => number, remote: RemoteOptions | null): DenseIndex {
  if (vectors.dimension === 0) return { ...createNoGraph(vectors), remote: null };
  return remote === null ? { ...createHnswIndex(vectors, graph, now), remote } : createRemoteIndex(vectors, remote);
}

/** Asks the engine that has the graph of this index, if one has: `prepare -> select -> ask`. */
function askElsewhere(state: SearchState, query: EngineQuery): Promise<Asked | null> | null {
  if (state.dense.remote === null || !MODE_PARTS[query.mode].dense) return null;
  return ask(state, prepare(state, query), select(state, query), () => select(state, query));
}

/**
 * Answers a query from memory in one synchronous turn: `prepare -> select -> nearest -> lexical ->
 * sparse -> fuse -> rank`.
 *
 * @returns at most `topK` results in the order of docs/spec/query.md
 * @throws StoreError QUERY_INVALID, VECTOR_*
 */
function search(state: SearchState, query: EngineQuery, asked: Asked | null): EngineHit[] {
  const prepared = prepare(state, query);
  const scope = select(state, query);
  if (scope.count === 0) return [];
  nearest(state, prepared, scope, asked);
  lexical(state, prepared, scope);
  sparse(state, prepared, scope);
  return rank(state, prepared, fuse(state, prepared, scope));
}

function stage({ vectors }: SearchState, { slot, vector, searchText }: EngineRecord): StagedRecord {
  const norm = checkVector(vectors, vector, `vector of slot ${slot}`);
  return { words: textTerms(searchText), coded: vectors.dimension === 0 ? null : codeVector(vector, norm) };
}

function put(state: SearchState, record: EngineRecord, { words, coded }: StagedRecord): void {
  const { slot, namespace } = record;
  // This is the only part that can refuse, so it comes first.
  state.dense.put(slot, record.vector, coded ?? undefined);
  leave(state.namespaces, slot);
  enter(state.namespaces, slot, namespace, record.sell === 'full');
  state.lexical.put(slot, namespace, record.searchText, record.sell === 'full', words);
  state.sparse.put(slot, namespace, record.sparse);
  state.metadata.put(slot, record.metadata);
}

function remove(state: SearchState, slot: number): void {
  state.dense.remove(slot);
  leave(state.namespaces, slot);
  state.lexical.remove(slot);
  state.sparse.remove(slot);
  state.metadata.remove(slot);
}

async function save(state: SearchState, pace: Pace): Promise<EngineParts> {
  const { vectors, lexical: words, sparse: pairs, metadata, namespaces } = state;
  return {
    vectors: saveVectors(vectors),
    lexical: await words.save(pace),
    sparse: pairs.save(),
    metadata: await metadata.save(pace),
    namespaces: saveNamespaces(namespaces),
  };
}

function memory({ vectors, dense, lexical: words, sparse: pairs, metadata }: SearchState): Record<string, number> {
  const own = vectorBytes(vectors);
  return {
    vectors: own,
    graph: dense.memoryBytes() - own,
    words: words.memoryBytes(),
    'sparse vectors': pairs.memoryBytes(),
    metadata: metadata.memoryBytes(),
  };
}

function matching(state: SearchState, namespace: string | null, filterNode: FilterNode | null): Uint32Array {
  const { live, capacity } = state.vectors;
  if (namespace !== null) {
    const { count, slots } = select(state, { namespace, filter: null, filterNode, excludeUnsold: false });
    return list(count === 0 ? createBitmap() : (slots ?? live), count);
  }
  if (filterNode === null) return list(live, state.namespaces.records);
  const slots = state.metadata.matching(filterNode, capacity);
  intersect(slots, live);
  return list(slots, countBits(slots));
}

function list(slots: Bitmap, count: number): Uint32Array {
  const into = new Uint32Array(count);
  listBits(slots, into);
  return into;
}
