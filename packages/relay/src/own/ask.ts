import type { Question } from '@tributary/client';
import { makeRequest } from '@tributary/proof';
import { resultsMax, type GatewayResult, type Request, type Source } from '@tributary/schemas';
import type { FoundRecord, Index, IndexInfo } from '@tributary/store';
import type { OwnAnswer } from './types.ts';

/**
 * Answers a question from an own index: from the store, in process. Nothing is paid, and nothing is proven.
 *
 * @throws TributaryError INPUT_SHAPE, FILTER_INVALID; StoreError QUERY_INVALID, VECTOR_*
 */
export async function askOwn(index: Index, question: Question): Promise<OwnAnswer> {
  const info = index.info();
  const parsed = requestFor(info, question);
  const { snapshot, time, records } = await index.search({ parsed });
  return {
    results: records.map((record, at) => toResult(record, at, info)),
    index: info.id,
    mode: parsed.mode,
    snapshot: { sequence: snapshot, at: new Date(time).toISOString() },
  };
}

/** The question in the form that the store reads. If nothing can embed the text, the rest of it is searched. */
function requestFor({ id, model, modelDigest, vectors }: IndexInfo, question: Question): Request {
  const hasNoDense = question.mode === undefined && question.vector === undefined && model.id === 'unspecified';
  const kinds = vectors === 'dense' ? {} : { vectors };
  const card = { model: modelDigest, modelId: model.id, languages: [...(model.languages ?? [])], ...kinds };
  const mode = question.sparse === undefined ? 'bm25' : 'sparse';
  const asked = hasNoDense ? ({ ...question, mode } as const) : question;
  return makeRequest({ index: id, card, limits: { topK: resultsMax } }, asked, null);
}

function toResult(record: FoundRecord, at: number, { id, provider }: IndexInfo): GatewayResult {
  const { score, components, relevance, text, metadata, namespace, signer, custody, author, licence, source } = record;
  return {
    rank: at + 1,
    id: record.id,
    score,
    components,
    relevance,
    text,
    metadata,
    namespace,
    index: id,
    provider,
    signer,
    custody,
    author,
    licence,
    source: source && withoutEmptyPages(source),
    // The node reads its own store, so there is nobody to prove anything to.
    verified: false,
  };
}

function withoutEmptyPages({ page, pageEnd, ...source }: Source): NonNullable<GatewayResult['source']> {
  return { ...source, ...(page === null ? {} : { page }), ...(pageEnd === null ? {} : { pageEnd }) };
}
