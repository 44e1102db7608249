import { makeRequest } from '@tributary/proof';
import { resultsMax, type Filter, type QueryMode, type SparseVector } from '@tributary/schemas';
import type { Index, SearchOutcome, StoredRecord } from '@tributary/store';

/** Asks for the records nearest to a vector, a sparse vector, the sum of both, to a text, its words, or to a record. */
export interface NearestAsked {
  to: { vector?: Float32Array; sparse?: SparseVector } | { text: string } | { words: string } | { id: string };
  namespace: string;
  topK: number;
  filter: Filter | null;
}

/** Most results of one search of an own index (Pinecone's limit). */
const nearestMax = 10_000;

/**
 * Searches an own index by vectors only, or by words only, whatever the relevance.
 *
 * @throws TributaryError INPUT_SHAPE, FILTER_INVALID; StoreError QUERY_INVALID, VECTOR_*, EMBED_FAILED
 */
export async function searchOwn(index: Index, { to, namespace, topK, filter }: NearestAsked): Promise<SearchOutcome> {
  const { id, model, modelDigest, sequence } = index.info();
  const place = 'id' in to ? (await index.fetch([to.id], namespace)).map(vectorsOf)[0] : to;
  if (place === undefined) return { snapshot: sequence, time: 0, records: [] };
  const card = { model: modelDigest, modelId: model.id, languages: [] };
  const what = 'words' in place ? { text: place.words } : place;
  const asked = { ...what, mode: modeOf(place), namespace, minRelevance: 0, ...(filter === null ? {} : { filter }) };
  const request = makeRequest({ index: id, card, limits: { topK: resultsMax } }, { ...asked, topK: 1 }, null);
  // A request to other nodes has fewer results, but this one stays in the process.
  return index.search({ parsed: { ...request, topK } }, { topKMax: nearestMax });
}

/** The vectors that a record has. */
const vectorsOf = ({ vector, sparse }: StoredRecord): { vector?: Float32Array; sparse?: SparseVector } => ({
  ...(vector.length === 0 ? {} : { vector }),
  ...(sparse === null ? {} : { sparse }),
});

function modeOf(place: Exclude<NearestAsked['to'], { id: string }>): QueryMode {
  if ('words' in place) return 'bm25';
  if ('text' in place || place.sparse === undefined) return 'dense';
  return place.vector === undefined ? 'sparse' : 'dense-sparse';
}
