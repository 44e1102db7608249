import { bm25, bm25Query, compareResults, denseScore, queryTerms, scoreOf, termCounts, terms } from '@tributary/proof/ranking';
import { MODE_PARTS, type Metric, type SparseVector } from '@tributary/schemas';
import type { EngineHit, EngineQuery, EngineRecord } from './types.ts';

export const QUERY: EngineQuery = {
  mode: 'dense',
  vector: null,
  sparse: null,
  terms: null,
  denseWeight: null,
  namespace: '',
  topK: 10,
  filter: null,
  filterNode: null,
  minRelevance: 0,
  excludeUnsold: false,
};

/** A record with only the fields that a test needs. */
export function record(slot: number, fields: Partial<EngineRecord> & Pick<EngineRecord, 'vector'>): EngineRecord {
  return { slot, namespace: '', sparse: null, searchText: '', metadata: {}, sell: 'full', ...fields };
}

/** Statistics, computed by counting all texts again. */
export function recount(records: Iterable<EngineRecord>, namespace: string, asked: readonly string[], soldOnly: boolean) {
  const counted = [...records].filter((each) => each.namespace === namespace && !(soldOnly && each.sell === 'never'));
  const texts = counted.map(({ searchText }) => terms(searchText));
  return {
    records: texts.length,
    averageLength: texts.length === 0 ? 0 : texts.reduce((sum, { length }) => sum + length, 0) / texts.length,
    terms: Object.fromEntries(asked.map((term) => [term, texts.filter((text) => text.includes(term)).length])),
  };
}

/** A direct implementation of docs/spec/query.md: score every record of the namespace that may be shown, sort, cut. */
export function naiveSearch(records: ReadonlyMap<number, EngineRecord>, metric: Metric, query: EngineQuery): EngineHit[] {
  const { mode, denseWeight } = query;
  const asked = query.terms ?? new Map<string, number>();
  const statistics = recount(records.values(), query.namespace, [...asked.keys()], query.excludeUnsold);
  const words = bm25Query(statistics, asked);
  return [...records.values()]
    .filter(({ namespace, sell }) => namespace === query.namespace && !(query.excludeUnsold && sell === 'never'))
    .filter(({ metadata }) => query.filter?.(metadata) ?? true)
    .map(({ slot, vector, sparse: own, searchText }) => {
      const found = terms(searchText);
      const uses = MODE_PARTS[mode];
      const dense = uses.dense ? denseScore(metric, query.vector!, vector) : null;
      const keywords = uses.bm25 ? bm25(words, termCounts(found), found.length) : null;
      const { sparse, shared } = uses.sparse ? naiveSparse(query.sparse!, own) : { shared: 1 };
      const parts = { dense, bm25: keywords, ...(sparse === undefined ? {} : { sparse }) };
      const scored = scoreOf({ mode, metric, denseWeight, ...parts, bound: uses.bm25 ? words.bound : 0 });
      return { shared, hit: { slot, ...parts, ...scored } };
    })
    .filter(({ hit: { score, relevance } }) => relevance >= query.minRelevance && (mode !== 'bm25' || score > 0))
    .filter(({ shared }) => mode !== 'sparse' || shared > 0)
    .map(({ hit }) => hit)
    .toSorted(compareResults(mode, metric))
    .slice(0, query.topK);
}

/** Every index of the question, looked for in the record. */
function naiveSparse(query: SparseVector, record: SparseVector | null): { sparse: number; shared: number } {
  let [sparse, shared] = [0, 0];
  query.indices.forEach((index, at) => {
    const place = record?.indices.indexOf(index) ?? -1;
    if (place < 0) return;
    sparse += query.values[at]! * record!.values[place]!;
    shared += 1;
  });
  return { sparse, shared };
}

export function termsOf(text: string): Map<string, number> {
  return queryTerms(text);
}
