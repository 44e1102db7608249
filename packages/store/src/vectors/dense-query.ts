import { blockScorer } from '@tributary/proof/ranking';
import { checkVector, vectorBlock, vectorOffset, type VectorStore } from './vector-store.ts';

/** A query with the values that are computed once for it. */
export interface DenseQuery {
  readonly vector: Float32Array;
  readonly norm: number;
  /** Exact key of a live slot; larger is nearer. */
  readonly keyOf: (slot: number) => number;
}

/**
 * Prepares a query.
 *
 * @throws StoreError VECTOR_* when it does not fit the index
 */
export function denseQuery(store: VectorStore, vector: Float32Array): DenseQuery {
  const norm = checkVector(store, vector, 'query vector');
  if (store.metric === 'euclidean') {
    const distance = blockScorer('euclidean', vector);
    return { vector, norm, keyOf: (slot) => -distance(vectorBlock(store, slot), vectorOffset(store, slot)) };
  }
  const dot = blockScorer('dotproduct', vector);
  const dotOf = (slot: number): number => dot(vectorBlock(store, slot), vectorOffset(store, slot));
  if (store.metric === 'dotproduct') return { vector, norm, keyOf: dotOf };
  // The same bits as the cosine of the proof package, whose norms are these sums. The stored norm of the record halves
  // the work.
  return { vector, norm, keyOf: (slot) => dotOf(slot) / (norm * store.norms[slot]!) };
}

/** Metric value of a key: squared distances are negated back. */
export function denseOfKey(metric: VectorStore['metric'], key: number): number {
  return metric === 'euclidean' ? 0 - key : key;
}

/**
 * Exact keys of the first `count` slots, bit for bit those of `query.keyOf`. The products of four vectors are summed
 * side by side, each in its own order, so that the sums need not wait for each other's memory.
 */
export function exactKeys(store: VectorStore, query: DenseQuery, slots: Uint32Array, count: number, keys: Float64Array): void {
  let at = 0;
  if (store.metric !== 'euclidean') for (; at + 4 <= count; at += 4) fourKeys(store, query, slots, at, keys);
  for (; at < count; at += 1) keys[at] = query.keyOf(slots[at]!);
}

function fourKeys(store: VectorStore, { vector, norm }: DenseQuery, slots: Uint32Array, at: number, keys: Float64Array): void {
  const slotA = slots[at]!;
  const slotB = slots[at + 1]!;
  const slotC = slots[at + 2]!;
  const slotD = slots[at + 3]!;
  const blockA = vectorBlock(store, slotA);
  const blockB = vectorBlock(store, slotB);
  const blockC = vectorBlock(store, slotC);
  const blockD = vectorBlock(store, slotD);
  const fromA = vectorOffset(store, slotA);
  const fromB = vectorOffset(store, slotB);
  const fromC = vectorOffset(store, slotC);
  const fromD = vectorOffset(store, slotD);
  let sumA = 0;
  let sumB = 0;
  let sumC = 0;
  let sumD = 0;
  for (let place = 0; place < vector.length; place += 1) {
    const component = vector[place]!;
    sumA += component * blockA[fromA + place]!;
    sumB += component * blockB[fromB + place]!;
    sumC += component * blockC[fromC + place]!;
    sumD += component * blockD[fromD + place]!;
  }
  const { metric, norms } = store;
  keys[at] = metric === 'cosine' ? sumA / (norm * norms[slotA]!) : sumA;
  keys[at + 1] = metric === 'cosine' ? sumB / (norm * norms[slotB]!) : sumB;
  keys[at + 2] = metric === 'cosine' ? sumC / (norm * norms[slotC]!) : sumC;
  keys[at + 3] = metric === 'cosine' ? sumD / (norm * norms[slotD]!) : sumD;
}
