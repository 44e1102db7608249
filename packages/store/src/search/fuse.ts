import { closeness, fuse as fuseParts } from '@tributary/proof/ranking';
import type { LexicalQuery } from '../lexical/lexical-index.ts';
import { clearBit, growBitmap, hasBit, setBit, type Bitmap } from '../slots/bitmap.ts';
import { denseOfKey, type DenseQuery } from '../vectors/dense-query.ts';
import { offer, resetTopK, sortTopK, type TopK } from '../slots/top-k.ts';
import { hybridCandidatesMin } from '../limits.ts';
import type { Prepared, Scope, SearchState } from './types.ts';

/**
 * Fills `scratch.ranked` with the results of a hybrid query. Both scores are computed for each candidate of either
 * half, so a result's score does not depend on which half found it. Small scopes, and all of them when `exact`, are
 * scored in full.
 */
export function fuse(state: SearchState, { query, dense, words }: Prepared, scope: Scope): TopK {
  const { nearest, lexical, ranked } = state.scratch;
  const { denseWeight } = query;
  if (query.mode !== 'hybrid' || dense === null || words === null || denseWeight === null)
    return query.mode === 'bm25' ? lexical : nearest;
  const halves = { dense, words, denseWeight };
  resetTopK(ranked, query.topK);
  if (query.exact === true || scope.count <= hybridCandidatesMin) scoreAll(state, halves, scope.slots ?? state.vectors.live);
  else scoreUnion(state, halves);
  sortTopK(ranked);
  return ranked;
}

interface Halves {
  readonly dense: DenseQuery;
  readonly words: LexicalQuery;
  readonly denseWeight: number;
}

function scoreAll(state: SearchState, halves: Halves, slots: Bitmap): void {
  for (let at = 0; at < slots.words.length; at += 1) {
    for (let rest = slots.words[at]!; rest !== 0; rest &= rest - 1) {
      const slot = (at << 5) + (31 - Math.clz32(rest & -rest));
      add(state, halves, slot, halves.dense.keyOf(slot), state.lexical.scoreOf(halves.words, slot));
    }
  }
}

function scoreUnion(state: SearchState, halves: Halves): void {
  const { nearest, lexical, seen } = state.scratch;
  growBitmap(seen, state.vectors.capacity);
  for (let at = 0; at < nearest.length; at += 1) {
    const slot = nearest.slots[at]!;
    setBit(seen, slot);
    add(state, halves, slot, nearest.keys[at]!, state.lexical.scoreOf(halves.words, slot));
  }
  for (let at = 0; at < lexical.length; at += 1) {
    const slot = lexical.slots[at]!;
    if (!hasBit(seen, slot)) add(state, halves, slot, halves.dense.keyOf(slot), lexical.keys[at]!);
  }
  for (let at = 0; at < nearest.length; at += 1) clearBit(seen, nearest.slots[at]!);
}

function add(state: SearchState, { words, denseWeight }: Halves, slot: number, key: number, bm25: number): void {
  const { metric } = state.vectors;
  const share = words.bound > 0 ? bm25 / words.bound : 0;
  offer(state.scratch.ranked, slot, fuseParts(denseWeight, closeness(metric, denseOfKey(metric, key)), share));
}
