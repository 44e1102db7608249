import { closeness, fuse as fuseParts } from '@tributary/proof/ranking';
import { clearBit, growBitmap, hasBit, setBit, type Bitmap } from '../slots/bitmap.ts';
import { offer, resetTopK, sortTopK, type TopK } from '../slots/top-k.ts';
import { denseOfKey, type DenseQuery } from '../vectors/dense-query.ts';
import { scoresAll } from '../vectors/effort.ts';
import type { Prepared, Scope, SearchState } from './types.ts';

/**
 * The results of a query. With two parts, `scratch.ranked` is filled: both parts are computed for each candidate of
 * either half, so a result's score does not depend on which half found it. Small scopes, and all of them when `exact`,
 * are scored in full.
 */
export function fuse(state: SearchState, prepared: Prepared, scope: Scope): TopK {
  const { nearest, lexical, sparse, ranked } = state.scratch;
  const halves = halvesOf(state, prepared);
  const { query } = prepared;
  if (halves === null) return query.mode === 'bm25' ? lexical : query.mode === 'sparse' ? sparse : nearest;
  resetTopK(ranked, query.topK);
  if (scoresAll({ ...state, query, scope })) scoreAll(state, halves, scope.slots ?? state.vectors.live);
  else scoreUnion(state, halves);
  sortTopK(ranked);
  return ranked;
}

interface Halves {
  readonly dense: DenseQuery;
  /** Candidates by the part that is not dense, and that part of any slot. */
  readonly others: TopK;
  readonly otherOf: (slot: number) => number;
  readonly scoreOf: (dense: number, other: number) => number;
}

/** Null when the query has one part. */
function halvesOf(state: SearchState, { query, dense, words }: Prepared): Halves | null {
  const { lexical, sparse } = state.scratch;
  const { mode, denseWeight } = query;
  if (dense === null) return null;
  if (mode === 'dense-sparse')
    return { dense, others: sparse, otherOf: state.sparse.sumOf, scoreOf: (near, other) => near + other };
  if (mode !== 'hybrid' || words === null || denseWeight === null) return null;
  const { metric } = state.vectors;
  const { bound } = words;
  return {
    dense,
    others: lexical,
    otherOf: (slot) => state.lexical.scoreOf(words, slot),
    scoreOf: (near, bm25) => fuseParts(denseWeight, closeness(metric, near), bound > 0 ? bm25 / bound : 0),
  };
}

function scoreAll(state: SearchState, halves: Halves, slots: Bitmap): void {
  for (let at = 0; at < slots.words.length; at += 1) {
    for (let rest = slots.words[at]!; rest !== 0; rest &= rest - 1) {
      const slot = (at << 5) + (31 - Math.clz32(rest & -rest));
      add(state, halves, slot, halves.dense.keyOf(slot), halves.otherOf(slot));
    }
  }
}

function scoreUnion(state: SearchState, halves: Halves): void {
  const { nearest, seen } = state.scratch;
  const { others } = halves;
  growBitmap(seen, state.vectors.capacity);
  for (let at = 0; at < nearest.length; at += 1) {
    const slot = nearest.slots[at]!;
    setBit(seen, slot);
    add(state, halves, slot, nearest.keys[at]!, halves.otherOf(slot));
  }
  for (let at = 0; at < others.length; at += 1) {
    const slot = others.slots[at]!;
    if (!hasBit(seen, slot)) add(state, halves, slot, halves.dense.keyOf(slot), others.keys[at]!);
  }
  for (let at = 0; at < nearest.length; at += 1) clearBit(seen, nearest.slots[at]!);
}

function add({ vectors: { metric }, scratch }: SearchState, { scoreOf }: Halves, slot: number, key: number, other: number): void {
  offer(scratch.ranked, slot, scoreOf(denseOfKey(metric, key), other));
}
