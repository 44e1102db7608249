import { hasBit, type Bitmap } from '../slots/bitmap.ts';
import { denseQuery, type DenseQuery } from './dense-query.ts';
import { approximate, createCandidates, selectExact, startCandidates } from './candidates.ts';
import type { TopK } from '../slots/top-k.ts';
import type { Candidates, VectorIndex } from './types.ts';
import { dropVector, storeVector, vectorBytes, type VectorStore } from './vector-store.ts';

/** Brute force over all vectors: always right, and the reference for the graph. */
export function createExactIndex(store: VectorStore): VectorIndex {
  const candidates = createCandidates();
  return {
    size: () => store.size,
    put: (slot, vector) => storeVector(store, slot, vector),
    remove: (slot) => dropVector(store, slot),
    ask: () => null,
    nearest(query: Float32Array, count: number, allowed: Bitmap | null, into: TopK): void {
      const prepared = denseQuery(store, query);
      startCandidates(candidates, count);
      scanBitmap(store, prepared, allowed, candidates);
      selectExact(candidates, store, prepared, into);
    },
    memoryBytes: () => vectorBytes(store),
  };
}

/** Slots that are compared by coarse keys together. Reused from scan to scan. */
const together = new Uint32Array(1_024);

/** Adds every allowed live slot. */
export function scanBitmap(store: VectorStore, query: DenseQuery, allowed: Bitmap | null, into: Candidates): void {
  let waiting = 0;
  const live = store.live.words;
  const length = allowed === null ? live.length : Math.min(live.length, allowed.words.length);
  for (let at = 0; at < length; at += 1) {
    const word = allowed === null ? live[at]! : live[at]! & allowed.words[at]!;
    for (let rest = word; rest !== 0; rest &= rest - 1) {
      waiting = scanSlot(store, query, (at << 5) + (31 - Math.clz32(rest & -rest)), waiting, into);
    }
  }
  if (waiting > 0) compareTogether(store, query, waiting, into);
}

function compareTogether({ coarse }: VectorStore, query: DenseQuery, count: number, into: Candidates): void {
  coarse?.addTo(into, query, together, count);
}

/** Adds a slot, or puts it to those that are compared together; returns how many these are. */
function scanSlot(store: VectorStore, query: DenseQuery, slot: number, waiting: number, into: Candidates): number {
  if (store.coarse === null) {
    approximate(store, query, slot, into);
    return waiting;
  }
  together[waiting] = slot;
  if (waiting + 1 < together.length) return waiting + 1;
  compareTogether(store, query, waiting + 1, into);
  return 0;
}

/** Adds those of the first `length` live slots of `slots` that are allowed. */
export function scanList(
  store: VectorStore,
  query: DenseQuery,
  slots: Uint32Array,
  length: number,
  allowed: Bitmap | null,
  into: Candidates,
): void {
  let waiting = 0;
  for (let at = 0; at < length; at += 1) {
    const slot = slots[at]!;
    if (allowed === null || hasBit(allowed, slot)) waiting = scanSlot(store, query, slot, waiting, into);
  }
  if (waiting > 0) compareTogether(store, query, waiting, into);
}
