import { clearBit, createBitmap, growBitmap, hasBit, setBit, type Bitmap } from '../slots/bitmap.ts';
import type { TopK } from '../slots/top-k.ts';
import { approximate, createCandidates, selectExact, startCandidates } from '../vectors/candidates.ts';
import { denseQuery } from '../vectors/dense-query.ts';
import { createExactIndex } from '../vectors/exact-index.ts';
import type { Asked } from '../vectors/types.ts';
import { dropVector, holdsVector, storeVector, vectorBytes, type VectorStore } from '../vectors/vector-store.ts';
import { askEngine } from './ask-engine.ts';
import { createSide } from './side.ts';
import type { DenseIndex, RemoteOptions } from './types.ts';

/**
 * A vector index whose graph is on an engine. The vectors are here: every candidate is compared with the vector that
 * its slot holds in the snapshot of the answer. Vectors that the engine lacks are compared as well.
 */
export function createRemoteIndex(store: VectorStore, { engine, scanMax }: RemoteOptions): DenseIndex {
  const exact = createExactIndex(store);
  const candidates = createCandidates();
  const seen = createBitmap();
  const side = createSide(store, engine);

  const nearestWithin = (vector: Float32Array, count: number, allowed: Bitmap | null, into: TopK, asked: Asked | null): void => {
    // Nothing was asked: the engine is down or behind, and few vectors are to be compared.
    if (asked === null) return exact.nearest(vector, count, allowed, into);
    const query = denseQuery(store, vector);
    startCandidates(candidates, count);
    growBitmap(seen, store.capacity);
    const lists = [asked.slots, asked.waiting, side.waiting.list()];
    for (const slots of lists)
      for (const slot of slots) {
        if (!hasBit(store.live, slot) || hasBit(seen, slot) || (allowed !== null && !hasBit(allowed, slot))) continue;
        setBit(seen, slot);
        approximate(store, query, slot, candidates);
      }
    for (const slots of lists) for (const slot of slots) clearBit(seen, slot);
    selectExact(candidates, store, query, into);
  };

  return {
    exact,
    remote: side,
    size: () => store.size,
    put(slot, vector) {
      if (!holdsVector(store, slot, vector)) storeVector(store, slot, vector);
      // Even with the same vector it may be another record, in another namespace.
      side.waiting.add(slot);
    },
    remove(slot) {
      if (!hasBit(store.live, slot)) return;
      dropVector(store, slot);
      side.waiting.add(slot);
    },
    ask: (query, walk, within) => askEngine({ side, store, query, walk, within, scanMax }),
    nearest: (query, count, allowed, into, asked = null) => nearestWithin(query, count, allowed, into, asked),
    nearestWithin: (query, { count }, allowed, into, asked = null) => nearestWithin(query, count, allowed, into, asked),
    hasGraph: false,
    insertSlice: () => 0,
    needsRepair: () => false,
    startRepair() {},
    saveGraph: async () => 0,
    takeGraph: () => false,
    unsaved: () => 0,
    waiting: () => side.waiting.list().length,
    memoryBytes: () => vectorBytes(store),
  };
}
