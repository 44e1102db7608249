import { sparseFromBase64url, vectorFromBase64url } from '@tributary/proof/primitives';
import { filterTest, parseFilter, queryTerms } from '@tributary/proof/ranking';
import { MODE_PARTS, type SparseVector } from '@tributary/schemas';
import type { SearchEngine } from '../search/engine.ts';
import { StoreError } from '../errors.ts';
import type { IndexSettings } from '../types.ts';
import type { FoundResults, IndexQuery } from './types.ts';

/**
 * Finds the records that answer a query.
 *
 * @throws StoreError QUERY_INVALID, VECTOR_KIND, VECTOR_DIMENSION, VECTOR_NOT_FINITE, VECTOR_ZERO; TributaryError
 *   FILTER_INVALID
 */
export function searchRecords(query: IndexQuery, engine: SearchEngine, settings: IndexSettings): FoundResults {
  const { parsed, options } = query;
  const uses = MODE_PARTS[parsed.mode];
  checkKinds(uses, settings);
  if (uses.dense && parsed.model !== null && parsed.model !== settings.modelDigest) {
    throw new StoreError('QUERY_INVALID', `the question is for vectors of another model than index ${settings.name} declares`);
  }
  const vector = uses.dense ? queryVectorOf(query, settings) : null;
  const terms = uses.bm25 ? queryTerms(parsed.text ?? '') : null;
  const filterNode = parsed.filter === null ? null : parseFilter(parsed.filter);
  const statistics = terms === null ? null : engine.statistics(parsed.namespace, [...terms.keys()], options.client === 'other');
  const hits = engine.search({
    mode: parsed.mode,
    vector,
    sparse: parsed.sparse === undefined ? null : querySparseOf(parsed.sparse),
    terms,
    denseWeight: parsed.denseWeight,
    namespace: parsed.namespace,
    topK: Math.min(parsed.topK, options.topKMax),
    filter: filterNode === null ? null : filterTest(filterNode),
    filterNode,
    minRelevance: parsed.minRelevance,
    excludeUnsold: options.client === 'other',
  });
  return { items: hits, statistics };
}

/** @throws StoreError VECTOR_KIND */
function checkKinds({ dense, sparse }: { dense: boolean; sparse: boolean }, { name, vectors }: IndexSettings): void {
  if (sparse && vectors === 'dense')
    throw new StoreError('VECTOR_KIND', `index ${name} has dense vectors only; ask by a dense vector or by words`);
  if (dense && vectors === 'sparse')
    throw new StoreError('VECTOR_KIND', `index ${name} has sparse vectors only; ask by a sparse vector or by words`);
}

function querySparseOf(text: string): SparseVector {
  try {
    return sparseFromBase64url(text);
  } catch (cause) {
    throw new StoreError('QUERY_INVALID', `the question: ${(cause as Error).message}`, { cause });
  }
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
