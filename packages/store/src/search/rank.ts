import { scoreOf } from '@tributary/proof/ranking';
import { MODE_PARTS } from '@tributary/schemas';
import { denseOfKey } from '../vectors/dense-query.ts';
import type { TopK } from '../slots/top-k.ts';
import type { EngineHit, Prepared, SearchState } from './types.ts';

/** Turns the ranked slots into results, best first. The list ends where relevance falls below the requested minimum. */
export function rank(state: SearchState, prepared: Prepared, ranked: TopK): EngineHit[] {
  const { query, words } = prepared;
  const { mode, denseWeight } = query;
  const { metric } = state.vectors;
  const bound = words?.bound ?? 0;
  const hits: EngineHit[] = [];
  for (let at = 0; at < ranked.length; at += 1) {
    const slot = ranked.slots[at]!;
    const parts = partsOf(state, prepared, slot, ranked.keys[at]!);
    const { score, relevance } = scoreOf({ mode, metric, denseWeight, bound, ...parts });
    // Relevance never rises as the score gets worse, so no later result can pass.
    if (relevance < query.minRelevance) break;
    hits.push({ slot, score, ...parts, relevance });
  }
  return hits;
}

/** @param key of the ranked slot: in modes of one part, that part */
function partsOf(state: SearchState, { query: { mode }, dense, words }: Prepared, slot: number, key: number) {
  const { metric } = state.vectors;
  const uses = MODE_PARTS[mode];
  const isWhole = mode !== 'hybrid' && mode !== 'dense-sparse';
  return {
    dense: dense === null ? null : denseOfKey(metric, isWhole ? key : dense.keyOf(slot)),
    bm25: words === null ? null : isWhole ? key : state.lexical.scoreOf(words, slot),
    ...(uses.sparse ? { sparse: isWhole ? key : state.sparse.sumOf(slot) } : {}),
  };
}
