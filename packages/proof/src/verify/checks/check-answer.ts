import {
  MODE_PARTS,
  searchText,
  type Manifest,
  type Metadata,
  type ResultItem,
  type ShownFields,
  type SparseVector,
} from '@tributary/schemas';
import { isFiniteVector, vectorFromBase64url, vectorFromBytes } from '../../bytes.ts';
import { ProofError } from '../../errors.ts';
import { compileFilter, type MetadataTest } from '../../filter/compile.ts';
import { bm25Query, type Bm25Query } from '../../score/bm25.ts';
import { sparseOf } from '../../record/commit.ts';
import { sparseFromBase64url } from '../../record/sparse-bytes.ts';
import { compareResults } from '../../score/rank.ts';
import { queryTerms, textTerms } from '../../score/terms.ts';
import type { VerifiedQuery, VerifiedReceipt, VerifiedSnapshot } from '../types.ts';

/** Step 7: the answer fits the request: count, order, namespace, filter, and the inputs of its scores. */
export function checkAnswer(verified: VerifiedReceipt, { manifest }: VerifiedSnapshot): VerifiedQuery {
  const { request, answer, items } = verified;
  if (answer.mode !== request.mode)
    throw new ProofError('RESPONSE_SHAPE', `the answer is in mode ${answer.mode}, not ${request.mode}`);
  checkCount(verified, manifest);
  checkOrder(verified, manifest);
  checkDistinct(answer.results);
  checkConditions(verified);
  const keywords = readStatistics(verified, manifest);
  const sparse = readQuerySparse(verified, manifest);
  const vector = readQueryVector(verified, manifest);
  const resultSparse = answer.results.map(({ shown }, at) => {
    const { known } = items[at]!;
    return known === null ? readSparse(shown, manifest) : known.sparse;
  });
  const resultVectors = items.map(({ known, decoded }) => known?.vector ?? vectorFromBytes(decoded!.dense));
  if (resultVectors.some(({ length }) => length !== manifest.dimension))
    throw new ProofError('DIMENSION_MISMATCH', `a result's vector does not have the index's ${manifest.dimension} components`);
  if (resultVectors.some((components, at) => items[at]!.known === null && !isFiniteVector(components)))
    throw new ProofError('SCORE', "a result's vector is not finite: no score follows from it");
  const resultTexts = keywords === null ? null : items.map(({ known, record }) => known?.text ?? readText(record.shown));
  return { vector, keywords, sparse, resultVectors, resultSparse, resultTexts };
}

const readText = ({ text, source }: ShownFields) => textTerms(searchText({ text: text.value, source: source.value }));

function checkCount({ request, answer }: VerifiedReceipt, manifest: Manifest): void {
  const count = answer.results.length;
  if (count > Math.min(request.topK, manifest.live))
    throw new ProofError('RESULT_COUNT', `${count} results; ${request.topK} were asked for, the index has ${manifest.live}`);
  if ((answer.status === 'ok') !== count > 0)
    throw new ProofError('RESULT_COUNT', `${count} results in an answer '${answer.status}'`);
}

function checkOrder({ answer }: VerifiedReceipt, { metric }: Manifest): void {
  const compare = compareResults(answer.mode, metric);
  const { results } = answer;
  if (results.some((result, at) => at > 0 && compare(results[at - 1]!, result) > 0))
    throw new ProofError('RANK_ORDER', 'the results are not ordered by score and slot');
}

function checkDistinct(results: readonly ResultItem[]): void {
  const slots = new Set(results.map(({ slot }) => slot));
  const ids = new Set(results.map(({ shown }) => shown.id.value));
  if (slots.size !== results.length || ids.size !== results.length)
    throw new ProofError('ITEM_DUPLICATE', 'a slot or a record appears twice');
}

function checkConditions({ request, answer }: VerifiedReceipt): void {
  const test = readFilter(request.filter);
  for (const { shown } of answer.results) {
    const id = JSON.stringify(shown.id.value);
    if (shown.namespace.value !== request.namespace)
      throw new ProofError('NAMESPACE_MISMATCH', `record ${id} is of another namespace`);
    if (!test(metadataOf(shown))) throw new ProofError('FILTER_MISMATCH', `record ${id} does not satisfy the filter`);
  }
}

function readFilter(filter: Record<string, unknown> | null): MetadataTest {
  try {
    return compileFilter(filter);
  } catch (cause) {
    throw new ProofError('FILTER_MISMATCH', 'the request has a filter that no result can satisfy: it is malformed', { cause });
  }
}

function metadataOf(shown: ShownFields): Metadata {
  return Object.fromEntries(Object.entries(shown.metadata).map(([key, { value }]) => [key, value]));
}

/**
 * The keyword part of the query, from the signed statistics; null in modes without words and for answers without
 * results.
 */
function readStatistics({ request, answer }: VerifiedReceipt, manifest: Manifest): Bm25Query | null {
  const { statistics } = answer;
  const wrong = (what: string) => new ProofError('STATISTICS', `the statistics ${what}`);
  const needed = MODE_PARTS[answer.mode].bm25;
  if (statistics === null) {
    if (needed && answer.status === 'ok') throw wrong('are missing');
    return null;
  }
  if (!needed) throw wrong(`have no place in a ${answer.mode} answer`);
  const wanted = queryTerms(request.text ?? '');
  const named = Object.keys(statistics.terms);
  if (named.length !== wanted.size || !named.every((term) => wanted.has(term))) throw wrong("are not those of the query's terms");
  const { records, averageLength } = statistics;
  if (records > manifest.live || records < answer.results.length) throw wrong('count more or fewer records than there can be');
  if (Object.values(statistics.terms).some((documents) => documents > records))
    throw wrong('find a term in more records than there are');
  // A term that occurs makes the average positive. BM25 divides by it.
  if (averageLength === 0 && Object.values(statistics.terms).some((documents) => documents > 0))
    throw wrong('have an average length of 0');
  return answer.status === 'ok' ? bm25Query(statistics, wanted) : null;
}

/** The query vector that dense scores are computed with; null in modes without them and for answers without results. */
function readQueryVector({ request, answer }: VerifiedReceipt, manifest: Manifest): Float32Array | null {
  const { dense } = MODE_PARTS[answer.mode];
  if (answer.queryVector !== null && (!dense || request.vector !== null))
    throw new ProofError('QUERY_VECTOR', 'the answer brings a query vector although it was sent or is not needed');
  if (dense && request.model !== null && request.model !== manifest.model)
    throw new ProofError('MODEL_MISMATCH', 'the query vector was made by another model than the one of the index');
  if (!dense || answer.status !== 'ok') return null;
  const encoded = request.vector ?? answer.queryVector;
  if (encoded === null) throw new ProofError('QUERY_VECTOR', 'the answer lacks the query vector that the provider made');
  const vector = vectorFromBase64url(encoded);
  if (vector.length !== manifest.dimension)
    throw new ProofError(
      'DIMENSION_MISMATCH',
      `the query vector has ${vector.length} components, the index ${manifest.dimension}`,
    );
  if (!isFiniteVector(vector)) throw new ProofError('QUERY_VECTOR', 'the query vector is not finite');
  return vector;
}

/** The sparse vector of the question; null in modes that do not compare them. */
function readQuerySparse({ request }: VerifiedReceipt, { vectors }: Manifest): SparseVector | null {
  const { dense, sparse } = MODE_PARTS[request.mode];
  if ((sparse && vectors === undefined) || (dense && vectors === 'sparse'))
    throw new ProofError('QUERY_VECTOR', `the index has no vectors that mode ${request.mode} could compare`);
  return request.sparse === undefined ? null : sparseFromBase64url(request.sparse);
}

/** The sparse vector of a result, in its form and of a kind that the index has. */
function readSparse(shown: ShownFields, { vectors }: Manifest): SparseVector | null {
  const wrong = (what: string, cause?: unknown) =>
    new ProofError('SPARSE_VECTOR', `record ${JSON.stringify(shown.id.value)}: ${what}`, { cause });
  if (shown.vector.sparse !== undefined && vectors === undefined) throw wrong('the index has no sparse vectors');
  if (shown.vector.sparse === undefined && vectors === 'sparse') throw wrong('the index has sparse vectors, and it shows none');
  try {
    return sparseOf(shown);
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause), cause);
  }
}
