import type { FilterNode } from '@tributary/proof';
import type { Metadata, Metric, Sell, Statistics } from '@tributary/schemas';
import { createLexicalIndex } from '../lexical/lexical-index.ts';
import { createMetadataIndex } from '../metadata/metadata-index.ts';
import { createNamespaces, enter, leave } from '../metadata/namespaces.ts';
import { countBits, createBitmap, intersect, listBits, type Bitmap } from '../neighbors/bitmap.ts';
import { createHnswIndex, type HnswIndex } from '../neighbors/hnsw-index.ts';
import { createTopK } from '../neighbors/top-k.ts';
import type { GraphOptions } from '../neighbors/types.ts';
import { createVectorStore } from '../neighbors/vector-store.ts';
import { search } from '../search/search.ts';
import { select } from '../search/scope.ts';
import type { EngineHit, EngineQuery, SearchState } from '../search/types.ts';

/** M and efConstruction: the usual values; efSearch: recall@10 above 0.99 on MNIST and on 20,000 clustered vectors. */
export const GRAPH_DEFAULTS: GraphOptions = { M: 16, efConstruction: 200, efSearch: 64 };

export interface EngineOptions {
  readonly dimension: number;
  readonly metric: Metric;
  readonly hnsw?: GraphOptions;
  /** Clock in milliseconds that slices of work are measured with. */
  readonly now?: () => number;
}

export interface EngineRecord {
  readonly slot: number;
  readonly namespace: string;
  readonly vector: Float32Array;
  readonly searchText: string;
  readonly metadata: Metadata;
  readonly sell: Sell;
}

/** All of one index that searching needs, in memory: vectors, graph, keywords and metadata by slot. */
export interface SearchEngine {
  /** Puts a record into its slot, replacing what that held. Searches see it at once. @throws StoreError VECTOR_*, WRITE_TOO_LARGE; nothing has changed then */
  put(record: EngineRecord): void;
  remove(slot: number): void;
  /** Works on the graph for about `budgetMs`, by one vector at least; returns how many vectors still wait. */
  insertSlice(budgetMs: number): number;
  /** @throws StoreError QUERY_INVALID, VECTOR_* */
  search(query: EngineQuery): EngineHit[];
  /** Counts of the live records of the namespace, those that are not for sale left out on request. */
  statistics(namespace: string, terms: readonly string[], soldOnly: boolean): Statistics;
  /** Live records of each namespace. */
  namespaces(): Map<string, number>;
  /** Slots in ascending order; null stands for all namespaces, and for no filter. */
  matching(namespace: string | null, filter: FilterNode | null): Uint32Array;
  /** Writes the graph while searches and changes go on; returns how many vectors the file holds. @throws StoreError STORE_BUSY, DISK_WRITE */
  saveGraph(path: string): Promise<number>;
  /**
   * Takes over a graph file after all records were put. The caller has verified its checksum. Nodes that do not hold the present vector of
   * their slot are dropped, and what is missing waits for `insertSlice`. False when the file is not a graph of this index, or does not hold
   * `expectedVectors` vectors (what `saveGraph` returned); all is as before then.
   */
  loadGraph(path: string, expectedVectors?: number): boolean;
  /** True when a new graph is due since too much of the present one is dead. */
  needsRebuild(): boolean;
  /** Starts a new graph, which `insertSlice` fills and puts in place; it also forgets removed vectors. */
  startRebuild(): void;
  /** Estimate. */
  memoryBytes(): number;
}

/** An empty engine. */
export function createEngine(options: EngineOptions): SearchEngine {
  const graph = options.hnsw ?? GRAPH_DEFAULTS;
  const vectors = createVectorStore(options.dimension, options.metric);
  const dense = createHnswIndex(vectors, graph, options.now ?? (() => performance.now()));
  const state: SearchState = {
    vectors,
    dense,
    lexical: createLexicalIndex(),
    metadata: createMetadataIndex(),
    namespaces: createNamespaces(),
    graph,
    scratch: {
      scope: createBitmap(),
      seen: createBitmap(),
      nearest: createTopK(),
      lexical: createTopK(),
      ranked: createTopK(),
    },
  };
  return {
    put: (record) => put(state, record),
    remove: (slot) => remove(state, slot),
    search: (query) => search(state, query),
    statistics: (namespace, terms, soldOnly) => state.lexical.statistics(namespace, terms, soldOnly),
    namespaces: () => new Map([...state.namespaces.byName.values()].map(({ name, list }) => [name, list.length])),
    matching: (namespace, filter) => matching(state, namespace, filter),
    memoryBytes: () => dense.memoryBytes() + state.lexical.memoryBytes() + state.metadata.memoryBytes(),
    ...graphVerbs(dense),
  };
}

function graphVerbs(
  dense: HnswIndex,
): Pick<SearchEngine, 'insertSlice' | 'saveGraph' | 'loadGraph' | 'needsRebuild' | 'startRebuild'> {
  return {
    insertSlice: (budgetMs) => dense.advance(budgetMs),
    saveGraph: (path) => dense.save(path),
    loadGraph: (path, expectedVectors) => dense.load(path, expectedVectors),
    needsRebuild: () => dense.needsRebuild(),
    startRebuild: () => dense.startRebuild(),
  };
}

function put(state: SearchState, record: EngineRecord): void {
  const { slot, namespace } = record;
  // The only part that refuses comes first.
  state.dense.put(slot, record.vector);
  leave(state.namespaces, slot);
  enter(state.namespaces, slot, namespace, record.sell === 'full');
  state.lexical.put(slot, namespace, record.searchText, record.sell === 'full');
  state.metadata.put(slot, record.metadata);
}

function remove(state: SearchState, slot: number): void {
  state.dense.remove(slot);
  leave(state.namespaces, slot);
  state.lexical.remove(slot);
  state.metadata.remove(slot);
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
