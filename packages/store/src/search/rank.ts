import { scoreOf } from '@tributary/proof/ranking';
import { denseOfKey } from '../vectors/dense-query.ts';
import type { TopK } from '../slots/top-k.ts';
import type { EngineHit, Prepared, SearchState } from './types.ts';

/** Turns the ranked slots into results, best first. The list ends where relevance falls below the requested minimum. */
export function rank(state: SearchState, { query, dense, words }: Prepared, ranked: TopK): EngineHit[] {
  const { mode, denseWeight } = query;
  const { metric } = state.vectors;
  const bound = words?.bound ?? 0;
  const hits: EngineHit[] = [];
  for (let at = 0; at < ranked.length; at += 1) {
    const slot = ranked.slots[at]!;
    const key = mode === 'hybrid' && dense !== null ? dense.keyOf(slot) : ranked.keys[at]!;
    const parts = {
      dense: mode === 'bm25' ? null : denseOfKey(metric, key),
      bm25: mode === 'dense' || words === null ? null : mode === 'bm25' ? ranked.keys[at]! : state.lexical.scoreOf(words, slot),
    };
    const { score, relevance } = scoreOf({ mode, metric, denseWeight, bound, ...parts });
    // Relevance never rises as the score gets worse, so no later result can pass.
    if (relevance < query.minRelevance) break;
    hits.push({ slot, score, ...parts, relevance });
  }
  return hits;
}
