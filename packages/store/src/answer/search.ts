import { vectorFromBase64url } from '@tributary/proof/primitives';
import { filterTest, parseFilter, queryTerms } from '@tributary/proof/ranking';
import { MODE_PARTS } from '@tributary/schemas';
import type { SearchEngine } from '../search/engine.ts';
import { StoreError } from '../errors.ts';
import type { IndexSettings } from '../types.ts';
import type { FoundResults, IndexQuery } from './types.ts';

/**
 * Finds the records that answer a query.
 *
 * @throws StoreError QUERY_INVALID, VECTOR_DIMENSION, VECTOR_NOT_FINITE, VECTOR_ZERO; TributaryError FILTER_INVALID
 */
export function searchRecords(query: IndexQuery, engine: SearchEngine, settings: IndexSettings): FoundResults {
  const { parsed, options } = query;
  if (MODE_PARTS[parsed.mode].sparse)
    throw new StoreError('QUERY_INVALID', `index ${settings.name} has no sparse vectors; ask by a dense vector or by words`);
  if (parsed.mode !== 'bm25' && parsed.model !== null && parsed.model !== settings.modelDigest) {
    throw new StoreError('QUERY_INVALID', `the question is for vectors of another model than index ${settings.name} declares`);
  }
  const vector = parsed.mode === 'bm25' ? null : queryVectorOf(query, settings);
  const terms = parsed.mode === 'dense' ? null : queryTerms(parsed.text ?? '');
  const filterNode = parsed.filter === null ? null : parseFilter(parsed.filter);
  const statistics = terms === null ? null : engine.statistics(parsed.namespace, [...terms.keys()], options.client === 'other');
  const hits = engine.search({
    mode: parsed.mode,
    vector,
    terms,
    denseWeight: parsed.denseWeight,
    namespace: parsed.namespace,
    topK: Math.min(parsed.topK, options.topKMax),
    filter: filterNode === null ? null : filterTest(filterNode),
    filterNode,
    minRelevance: parsed.minRelevance,
    excludeUnsold: options.client === 'other',
  });
  return { items: hits.map(({ slot, score, dense, bm25, relevance }) => ({ slot, score, dense, bm25, relevance })), statistics };
}

function queryVectorOf({ parsed, queryVector }: IndexQuery, settings: IndexSettings): Float32Array {
  if (parsed.vector === null) {
    if (queryVector !== null) return queryVector;
    throw new StoreError('QUERY_INVALID', `index ${settings.name} has no model here that could embed the text; send a vector`);
  }
  try {
    return vectorFromBase64url(parsed.vector);
  } catch (cause) {
    throw new StoreError('QUERY_INVALID', 'the vector is not base64url of little-endian float32 values', { cause });
  }
}
