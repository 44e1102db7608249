import { makeRequest } from '@tributary/proof';
import { resultsMax, type Filter } from '@tributary/schemas';
import type { Index, SearchOutcome } from '@tributary/store';

/** Asks for the records nearest to a vector, to a text, or to a record. */
export interface NearestAsked {
  to: { vector: Float32Array } | { text: string } | { id: string };
  namespace: string;
  topK: number;
  filter: Filter | null;
}

/** Most results of one search of an own index (Pinecone's limit). */
const nearestMax = 10_000;

/**
 * Searches an own index by vectors only, whatever the relevance.
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
  // A request to other nodes has fewer results, but this one stays in the process.
  return index.search({ parsed: { ...request, topK } }, { topKMax: nearestMax });
}
