import { sparseFromBase64url, vectorFromBase64url } from '@tributary/proof/primitives';
import { filterTest, parseFilter, queryTerms } from '@tributary/proof/ranking';
import { MODE_PARTS, type SparseVector } from '@tributary/schemas';
import type { SearchEngine } from '../search/engine.ts';
import type { EngineQuery } from '../search/types.ts';
import { StoreError } from '../errors.ts';
import type { IndexState } from '../state.ts';
import type { IndexSettings } from '../types.ts';
import type { Asked } from '../vectors/types.ts';
import type { FoundResults, IndexQuery } from './types.ts';

/**
 * Finds the records that answer a query and calls `turn` with them, in one turn with the comparison of vectors: no
 * write comes between. Where the graph is in this process, that is the present turn.
 *
 * @throws StoreError QUERY_INVALID, VECTOR_KIND, VECTOR_DIMENSION, VECTOR_NOT_FINITE, VECTOR_ZERO, ENGINE_*;
 *   TributaryError FILTER_INVALID
 */
export function withFound<T>(
  query: IndexQuery,
  { engine, settings }: Pick<IndexState, 'engine' | 'settings'>,
  turn: (found: FoundResults) => T,
): T | Promise<T> {
  const asks = readQuery(query, settings);
  const asking = engine.ask(asks);
  if (asking === null) return turn(findIn(engine, asks, null));
  return asking.then((asked) => turn(findIn(engine, asks, asked)));
}

function findIn(engine: SearchEngine, asks: EngineQuery, asked: Asked | null): FoundResults {
  const { terms, namespace, excludeUnsold } = asks;
  const statistics = terms === null ? null : engine.statistics(namespace, [...terms.keys()], excludeUnsold);
  return { items: engine.search(asks, asked), statistics };
}

function readQuery(query: IndexQuery, settings: IndexSettings): EngineQuery {
  const { parsed, options } = query;
  const uses = MODE_PARTS[parsed.mode];
  checkKinds(uses, settings);
  if (uses.dense && parsed.model !== null && parsed.model !== settings.modelDigest) {
    throw new StoreError('QUERY_INVALID', `the question is for vectors of another model than index ${settings.name} declares`);
  }
  const vector = uses.dense ? queryVectorOf(query, settings) : null;
  const terms = uses.bm25 ? queryTerms(parsed.text ?? '') : null;
  const filterNode = parsed.filter === null ? null : parseFilter(parsed.filter);
  return {
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
  };
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
