import { denseScorer, fromUtf8, vectorFromBase64url } from '@tributary/proof';
import { resultsMax, type Answer, type QueryMode, type Request } from '@tributary/schemas';
import { rowOfId, type Index } from '@tributary/store';
import type { Collection } from './collections.ts';
import { exactRecordsMax } from './limits.ts';
import { hasRelevant, ndcg, recall } from './ndcg.ts';

export interface EvaluateOptions extends Collection {
  /** An index of the collection's documents, opened by its owner. */
  readonly index: Pick<Index, 'info' | 'answer' | 'list' | 'fetch'>;
  readonly namespace?: string;
  readonly modes?: readonly QueryMode[];
  /** Documents looked at for each query: 10 measures what a buyer sees, 100 adds recall@100. */
  readonly depth?: 10 | 100;
  /** Also compare the graph's nearest records with an exact search through all of them. */
  readonly exact?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluateProgress) => void;
}

export interface EvaluateProgress {
  readonly phase: QueryMode | 'exact';
  readonly done: number;
  readonly total: number;
}

/** Means over the queries, each 0 to 1. */
export interface ModeQuality {
  readonly ndcg10: number;
  readonly recall10: number;
  /** Null when only ten documents were looked at. */
  readonly recall100: number | null;
}

export interface Evaluation {
  readonly modes: Partial<Record<QueryMode, ModeQuality>>;
  /** Queries with at least one relevant document; only these count. */
  readonly queries: number;
  /** Share of the ten truly nearest records that dense search finds; null when not asked for, and above `exactRecordsMax` records. */
  readonly hnswRecall: number | null;
}

const MODES: readonly QueryMode[] = ['dense', 'bm25', 'hybrid'];
const NEAREST = 10;

/**
 * Measures how well an index finds the documents judged relevant. Results are chunks; a document stands where its best chunk does, and
 * the list is cut after that. The index answers as to its owner, so caps for buyers do not apply.
 *
 * @throws StoreError; the signal's reason
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { modes = MODES, depth = 10, exact = false, onProgress = () => undefined } = options;
  const queries = [...options.queries].filter(([id]) => hasRelevant(options.qrels.get(id) ?? new Map()));
  const quality: Partial<Record<QueryMode, ModeQuality>> = {};
  for (const mode of modes) {
    const rows: ModeQuality[] = [];
    for (const [at, [id, text]] of queries.entries()) {
      options.signal?.throwIfAborted();
      rows.push(rate(await rankDocuments(options, mode, text, depth), options.qrels.get(id)!, depth));
      onProgress({ phase: mode, done: at + 1, total: queries.length });
    }
    quality[mode] = mean(rows, depth);
  }
  const records = options.index.info().namespaces[options.namespace ?? ''] ?? 0;
  const texts = queries.map(([, text]) => text);
  const hnswRecall = exact && records <= exactRecordsMax ? await compareWithExact(options, texts, onProgress) : null;
  return { modes: quality, queries: queries.length, hnswRecall };
}

function rate(ranked: readonly string[], judged: ReadonlyMap<string, number>, depth: 10 | 100): ModeQuality {
  return {
    ndcg10: ndcg(ranked, judged, 10),
    recall10: recall(ranked, judged, 10),
    recall100: depth === 100 ? recall(ranked, judged, 100) : null,
  };
}

function mean(rows: readonly ModeQuality[], depth: 10 | 100): ModeQuality {
  const average = (pick: (row: ModeQuality) => number): number => rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
  return {
    ndcg10: average((row) => row.ndcg10),
    recall10: average((row) => row.recall10),
    recall100: depth === 100 ? average((row) => row.recall100 ?? 0) : null,
  };
}

/** Up to `depth` documents, best first. Asks for more chunks until there are enough documents or no more chunks. */
async function rankDocuments(options: EvaluateOptions, mode: QueryMode, text: string, depth: number): Promise<string[]> {
  for (let topK = 2 * depth; ; topK = Math.min(resultsMax, 4 * topK)) {
    const { results } = await ask(options, mode, text, topK);
    // A record of a JSONL or CSV file is judged by its id there; one that was not cut from a document is one itself.
    const documents = [
      ...new Set(results.map(({ shown: { id, source } }) => rowOfId(id.value) ?? source.value?.document ?? id.value)),
    ];
    if (documents.length >= depth || results.length < topK || topK === resultsMax) return documents.slice(0, depth);
  }
}

async function ask(options: EvaluateOptions, mode: QueryMode, text: string, topK: number): Promise<Answer> {
  const parsed: Request = {
    v: 1,
    type: 'tributary/query',
    index: options.index.info().id,
    namespace: options.namespace ?? '',
    topK,
    mode,
    denseWeight: mode === 'hybrid' ? 0.6 : null,
    text,
    vector: null,
    model: null,
    filter: null,
    minRelevance: 0,
    minSequence: null,
  };
  const { body } = await options.index.answer({ parsed }, { buyer: 'owner', topKMax: resultsMax });
  // Made by this process; long ones exceed what a buyer would read.
  return JSON.parse(fromUtf8(body)) as Answer;
}

/** Mean share of the exact nearest records that dense search returns; records as near as the last of them count as nearest. */
async function compareWithExact(
  options: EvaluateOptions,
  texts: readonly string[],
  onProgress: (progress: EvaluateProgress) => void,
): Promise<number> {
  const vectors = await fetchVectors(options);
  const { metric } = options.index.info();
  const wanted = Math.min(NEAREST, vectors.length);
  let found = 0;
  for (const [at, text] of texts.entries()) {
    options.signal?.throwIfAborted();
    const { results, queryVector } = await ask(options, 'dense', text, NEAREST);
    const score = denseScorer(metric, vectorFromBase64url(queryVector!));
    const scores = Float64Array.from(vectors, score).toSorted();
    const isNearest =
      metric === 'euclidean'
        ? (dense: number) => dense <= scores[wanted - 1]!
        : (dense: number) => dense >= scores[scores.length - wanted]!;
    found += results.filter(({ dense }) => isNearest(dense!)).length;
    onProgress({ phase: 'exact', done: at + 1, total: texts.length });
  }
  return found / (wanted * texts.length);
}

async function fetchVectors({ index, namespace = '' }: EvaluateOptions): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let after: string | undefined; ;) {
    const page = await index.list({ namespace, limit: 100, ...(after === undefined ? {} : { after }) });
    vectors.push(...(await index.fetch(page.ids, namespace)).map(({ vector }) => vector));
    if (page.next === null) return vectors;
    after = page.next;
  }
}
