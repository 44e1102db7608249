// The honest answers of the small index, results and scores.
import {
  MODE_PARTS,
  searchText,
  type Metric,
  type Request,
  type ResultItem,
  type SparseVector,
  type Statistics,
  type WholeAnswer,
} from '@tributary/schemas';
import { compileFilter } from '../src/filter/compile.ts';
import { sparseFromBase64url, toBase64url, vectorFromBase64url, vectorToBase64url } from '../src/primitives.ts';
import { bm25, bm25Query, compareResults, denseScore, queryTerms, scoreOf, termCounts, terms } from '../src/ranking.ts';
import { measureSparse } from '../src/score/sparse.ts';
import { TAG_MANIFEST, statementHash } from '../src/statements.ts';
import { discloseRecord } from './_disclose.ts';
import { inclusionPath } from '../src/testing/inclusion-path.ts';
import { sealRecord } from './_whole.ts';
import { DIMENSION, INDEX, MODEL, sparseOf, vectorOf, type Held, type TestIndex } from './_index.ts';

/** The honest answer of an index to a request. */
export function answerOf(request: Request, index: TestIndex): WholeAnswer {
  const { manifest } = index;
  const { metric } = manifest;
  const live = [...index.held.values()].filter(({ record }) => record.namespace === request.namespace);
  const parts = MODE_PARTS[request.mode];
  const statistics = parts.bm25 ? statisticsOf(request, live) : null;
  const query = queryOf(request);
  const test = compileFilter(request.filter);
  const keywords = statistics && bm25Query(statistics, queryTerms(request.text!));
  const dense = ({ record: { vector } }: Held) =>
    parts.dense ? (vector.length === DIMENSION ? denseScore(metric, query, vector) : 0) : null;
  const results = live
    .filter(({ record }) => test(record.metadata))
    .map((held) => ({ held, slot: held.slot, ...scoresOf(held, dense(held), keywords, { ...request, metric }) }))
    .filter(
      ({ bm25: keywordScore, sparse }) =>
        (request.mode !== 'bm25' || keywordScore !== 0) && (request.mode !== 'sparse' || sparse !== 0),
    )
    .filter(({ relevance }) => !(relevance < request.minRelevance))
    .sort(compareResults(request.mode, metric))
    .slice(0, request.topK)
    .map(({ held }) => resultOf(held, index, dense(held), keywords, request));
  return {
    v: 1,
    type: 'tributary/answer',
    status: results.length > 0 ? 'ok' : 'empty',
    index: INDEX,
    snapshot: manifest.sequence,
    manifest: statementHash(TAG_MANIFEST, index.manifestBody),
    mode: request.mode,
    queryVector: request.vector === null && parts.dense ? vectorToBase64url(query) : null,
    statistics,
    results,
  };
}

/** The vector of the question; the usual one if a test sends one that no provider can use. */
function queryOf({ vector }: Request): Float32Array {
  const sent = vector === null ? null : vectorFromBase64url(vector);
  return sent?.length === DIMENSION && sent.every(Number.isFinite) ? sent : vectorOf('question');
}

/** The sparse vector of the question; the usual one if a test sends one that is malformed. */
function readSparse(asked: string): SparseVector {
  try {
    return sparseFromBase64url(asked);
  } catch {
    return sparseOf('question');
  }
}

function statisticsOf(request: Request, live: readonly Held[]): Statistics {
  const lists = live.map(({ record }) => terms(searchText(record)));
  const documents = (term: string) => lists.filter((list) => list.includes(term)).length;
  return {
    records: live.length,
    averageLength: lists.reduce((sum, { length }) => sum + length, 0) / live.length,
    terms: Object.fromEntries([...queryTerms(request.text!).keys()].map((term) => [term, documents(term)])),
  };
}

/** What the numbers of a result depend on. */
type Ranked = Pick<Request, 'mode' | 'denseWeight' | 'sparse'>;

function scoresOf(
  held: Held,
  dense: number | null,
  keywords: ReturnType<typeof bm25Query> | null,
  { mode, denseWeight, metric, sparse: asked }: Ranked & { metric: Metric },
) {
  const list = terms(searchText(held.record));
  const keywordScore = keywords && bm25(keywords, termCounts(list), list.length);
  const sparse = asked === undefined ? null : measureSparse(readSparse(asked), held.record.sparse).sparse;
  const parts = { mode, metric, denseWeight, dense, bm25: keywordScore, sparse, bound: keywords?.bound ?? 0 };
  return { bm25: keywordScore, sparse, ...scoreOf(parts) };
}

export function resultOf(
  held: Held,
  index: TestIndex,
  dense: number | null,
  keywords: ReturnType<typeof bm25Query> | null,
  request: Ranked,
): ResultItem {
  const { commitments, shown } = discloseRecord(held.record, held.salt, MODEL);
  const path = index.slots.path(held.slot).map(toBase64url);
  const writePath = inclusionPath(index.entries.get(held.write)!, held.writeIndex).map(toBase64url);
  const { slot, write, writeIndex } = held;
  const scores = scoresOf(held, dense, keywords, { ...request, metric: index.manifest.metric });
  const { score, relevance, bm25: keywordScore, sparse } = scores;
  const parts = { dense, bm25: keywordScore, ...(sparse === null ? {} : { sparse }) };
  const item = { slot, score, ...parts, relevance, commitments, shown, path, write, writeIndex, writePath };
  return { ...item, record: sealRecord(item).record };
}
