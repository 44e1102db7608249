import { exactKeys, type DenseQuery } from './dense-query.ts';
import { growFloat64, growUint32 } from '../slots/grow.ts';
import { offer, resetTopK, sortTopK, type TopK, worstKey, createTopK } from '../slots/top-k.ts';
import type { Candidates } from './types.ts';
import { vectorBlock, vectorOffset, type VectorStore } from './vector-store.ts';

export function createCandidates(): Candidates {
  return {
    length: 0,
    slots: new Uint32Array(256),
    keys: new Float64Array(256),
    errors: new Float64Array(256),
    bounds: createTopK(),
  };
}

/** Empties the list for a search of the best `count`. */
export function startCandidates(candidates: Candidates, count: number): void {
  candidates.length = 0;
  resetTopK(candidates.bounds, count);
}

/**
 * Adds a slot, at most once. One whose upper bound does not reach the `count`-th best lower bound cannot be among the
 * best, and is left out.
 */
export function addCandidate(candidates: Candidates, slot: number, key: number, error: number): void {
  // A key that overflowed float32 in the graph has a bound that is NaN: it stays.
  if (key + error < worstKey(candidates.bounds)) return;
  offer(candidates.bounds, slot, key - error);
  const at = candidates.length;
  if (at >= candidates.slots.length) {
    candidates.slots = growUint32(candidates.slots, at);
    candidates.keys = growFloat64(candidates.keys, at);
    candidates.errors = growFloat64(candidates.errors, at);
  }
  candidates.slots[at] = slot;
  candidates.keys[at] = key;
  candidates.errors[at] = error;
  candidates.length = at + 1;
}

/** Vectors that are scored side by side. */
const TOGETHER = 4;

// In any order, a sum of at most 20,000 float64 products is within 2^-38 of its sum of magnitudes.
const SUM_ERROR = 2 ** -36;

/**
 * Adds a slot with a key that is fast and nearly exact: four sums at a time, so that additions need not wait for each
 * other.
 */
export function approximate(store: VectorStore, query: DenseQuery, slot: number, into: Candidates): void {
  const block = vectorBlock(store, slot);
  const from = vectorOffset(store, slot);
  if (store.metric === 'euclidean') {
    const distance = fastDistance(query.vector, block, from);
    addCandidate(into, slot, -distance, SUM_ERROR * distance);
    return;
  }
  const dot = fastDot(query.vector, block, from);
  const norms = query.norm * store.norms[slot]!;
  if (store.metric === 'cosine') addCandidate(into, slot, dot / norms, SUM_ERROR);
  else addCandidate(into, slot, dot, SUM_ERROR * norms);
}

/** The exact best of the candidates, as many as were asked for. The candidates are consumed. */
export function selectExact(candidates: Candidates, store: VectorStore, query: DenseQuery, into: TopK): void {
  const { bounds, slots, keys, errors, length } = candidates;
  const bar = worstKey(bounds);
  let left = 0;
  for (let at = 0; at < length; at += 1) {
    // `!(… < bar)` instead of `>=`, because a key that overflowed float32 in the graph has a bound that is NaN.
    if (keys[at]! + errors[at]! < bar) continue;
    slots[left] = slots[at]!;
    // The bound itself, as a float that any other may be compared with.
    errors[left] = keys[at]! + errors[at]! <= Infinity ? keys[at]! + errors[at]! : Infinity;
    left += 1;
  }
  scoreInOrder(candidates, left, store, query, into);
  sortTopK(into);
}

/**
 * Scores candidates exactly, those with the highest upper bound first, until the rest cannot be among the best. Vectors
 * that are not in memory cost a read each.
 */
function scoreInOrder(
  { slots, errors, keys, bounds }: Candidates,
  count: number,
  store: VectorStore,
  query: DenseQuery,
  into: TopK,
): void {
  resetTopK(into, bounds.limit);
  const order = Array.from({ length: count }, (_, at) => at).sort((a, b) => errors[b]! - errors[a]! || 0);
  const some = new Uint32Array(TOGETHER);
  for (let at = 0; at < count; at += TOGETHER) {
    const worst = worstKey(into);
    let length = 0;
    while (length < TOGETHER && at + length < count && errors[order[at + length]!]! >= worst) {
      some[length] = slots[order[at + length]!]!;
      length += 1;
    }
    exactKeys(store, query, some, length, keys);
    for (let place = 0; place < length; place += 1) offer(into, some[place]!, keys[place]!);
    if (length < TOGETHER) return;
  }
}

function fastDot(a: Float32Array, block: Float32Array, from: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = a.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    s0 += a[at]! * block[from + at]!;
    s1 += a[at + 1]! * block[from + at + 1]!;
    s2 += a[at + 2]! * block[from + at + 2]!;
    s3 += a[at + 3]! * block[from + at + 3]!;
  }
  for (let at = whole; at < a.length; at += 1) s0 += a[at]! * block[from + at]!;
  return s0 + s1 + (s2 + s3);
}

function fastDistance(a: Float32Array, block: Float32Array, from: number): number {
  let s0 = 0;
  let s1 = 0;
  let at = 0;
  for (; at + 1 < a.length; at += 2) {
    const d0 = a[at]! - block[from + at]!;
    const d1 = a[at + 1]! - block[from + at + 1]!;
    s0 += d0 * d0;
    s1 += d1 * d1;
  }
  if (at < a.length) s0 += (a[at]! - block[from + at]!) ** 2;
  return s0 + s1;
}
