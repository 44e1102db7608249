import { makeRequest } from '@tributary/proof';
import { sparseToBase64url } from '@tributary/proof/primitives';
import { resultsMax, type Filter, type QueryMode, type Request, type SparseVector } from '@tributary/schemas';
import type { Index, IndexInfo, SearchOutcome, StoredRecord } from '@tributary/store';

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
  const info = index.info();
  const place = 'id' in to ? (await index.fetch([to.id], namespace)).map(vectorsOf)[0] : to;
  if (place === undefined) return { snapshot: info.sequence, time: 0, records: [] };
  const options = { topKMax: nearestMax };
  if ('text' in place || 'words' in place)
    return index.search({ parsed: requestOf(info, place, { namespace, topK, filter }) }, options);
  const { vector } = place;
  const parsed = nearRequest(info.id, place, { namespace, topK, filter });
  return index.search(vector === undefined ? { parsed } : { parsed, vector }, options);
}

type Rest = Pick<NearestAsked, 'namespace' | 'topK' | 'filter'>;

/** A question in words. Its number of results is set afterwards, because requests to other nodes have fewer. */
function requestOf(
  { id, model, modelDigest }: IndexInfo,
  place: { text: string } | { words: string },
  { namespace, topK, filter }: Rest,
): Request {
  const card = { model: modelDigest, modelId: model.id, languages: [] };
  const what = 'words' in place ? ({ text: place.words, mode: 'bm25' } as const) : ({ ...place, mode: 'dense' } as const);
  const asked = { ...what, namespace, minRelevance: 0, topK: 1, ...(filter === null ? {} : { filter }) };
  return { ...makeRequest({ index: id, card, limits: { topK: resultsMax } }, asked, null), topK };
}

/** A question by vectors. The dense one goes beside it as it is: encoding it costs as much as reading the answer. */
const nearRequest = (index: string, { vector, sparse }: Vectors, { namespace, topK, filter }: Rest): Request => ({
  v: 1,
  type: 'tributary/query',
  index,
  namespace,
  topK,
  mode: modeOf({ vector, sparse }),
  denseWeight: null,
  text: null,
  vector: null,
  model: null,
  filter,
  minRelevance: 0,
  minSequence: null,
  ...(sparse === undefined ? {} : { sparse: sparseToBase64url(sparse) }),
});

interface Vectors {
  vector?: Float32Array | undefined;
  sparse?: SparseVector | undefined;
}

/** The vectors that a record has. */
const vectorsOf = ({ vector, sparse }: StoredRecord): { vector?: Float32Array; sparse?: SparseVector } => ({
  ...(vector.length === 0 ? {} : { vector }),
  ...(sparse === null ? {} : { sparse }),
});

function modeOf({ vector, sparse }: Vectors): QueryMode {
  if (sparse === undefined) return 'dense';
  return vector === undefined ? 'sparse' : 'dense-sparse';
}
