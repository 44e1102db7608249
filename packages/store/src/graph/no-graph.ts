import { createExactIndex } from '../vectors/exact-index.ts';
import type { VectorStore } from '../vectors/vector-store.ts';
import type { HnswIndex } from './hnsw-index.ts';

/** For an index of sparse vectors only: it keeps which slots are live, and has nothing to put into a graph. */
export function createNoGraph(store: VectorStore): HnswIndex {
  const exact = createExactIndex(store);
  return {
    ...exact,
    exact,
    nearestWithin: (query, { count }, allowed, into) => exact.nearest(query, count, allowed, into),
    hasGraph: false,
    insertSlice: () => 0,
    needsRepair: () => false,
    startRepair() {},
    saveGraph: async () => 0,
    takeGraph: () => false,
    unsaved: () => 0,
    waiting: () => 0,
  };
}
