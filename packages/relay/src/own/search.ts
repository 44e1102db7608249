import { makeRequest } from '@tributary/proof';
import { resultsMax, type Filter } from '@tributary/schemas';
import type { Index, SearchOutcome } from '@tributary/store';

/** The records nearest to a vector, to a text's vector, or to the record of an id. */
export interface NearestAsked {
  to: { vector: Float32Array } | { text: string } | { id: string };
  namespace: string;
  topK: number;
  filter: Filter | null;
}

/** Most results of one search of an own index; Pinecone's bound. */
const nearestMax = 10_000;

/**
 * Searches an own index by vectors alone, whatever the relevance.
 *
 * @throws TributaryError INPUT_SHAPE, FILTER_INVALID; StoreError QUERY_INVALID, VECTOR_*, EMBED_FAILED
 */
export async function searchOwn(index: Index, { to, namespace, topK, filter }: NearestAsked): Promise<SearchOutcome> {
  const { id, model, modelDigest, sequence } = index.info();
  const place = 'id' in to ? (await index.fetch([to.id], namespace))[0] : to;
  if (place === undefined) return { snapshot: sequence, time: 0, records: [] };
  const near = 'vector' in place ? { vector: place.vector } : { text: place.text };
  const card = { model: modelDigest, modelId: model.id, languages: [] };
  const asked = { ...near, mode: 'dense', namespace, minRelevance: 0, ...(filter === null ? {} : { filter }) } as const;
  const request = makeRequest({ index: id, card, limits: { topK: resultsMax } }, { ...asked, topK: 1 }, null);
  // A request to others has fewer results; this one stays in the process.
  return index.search({ parsed: { ...request, topK } }, { topKMax: nearestMax });
}
