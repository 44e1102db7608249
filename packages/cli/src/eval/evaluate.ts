import type { QueryMode } from '@tributary/schemas';
import type { Index } from '@tributary/store';
import type { Collection } from './collections.ts';
import { compareWithExact } from './compare-with-exact.ts';
import { exactRecordsMax } from './limits.ts';
import { hasRelevant, ndcg, recall, type Judgements } from './ndcg.ts';
import { rankDocuments, type RankedDocuments } from './rank-documents.ts';

export interface EvaluateOptions extends Collection {
  /** An index of the collection's documents, opened by its owner. */
  readonly index: Pick<Index, 'info' | 'answer' | 'list' | 'fetch'>;
  readonly namespace?: string;
  readonly modes?: readonly QueryMode[];
  /** Documents considered per query: 10 is what a client sees, 100 adds recall@100. */
  readonly depth?: 10 | 100;
  /** Whether to compare the graph's nearest records with an exact search. */
  readonly exact?: boolean;
  /** Questions that the collection does not answer. */
  readonly offTopic?: readonly string[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluateProgress) => void;
}

export interface EvaluateProgress {
  readonly phase: QueryMode | 'off topic' | 'exact';
  readonly done: number;
  readonly total: number;
}

/** Means over the queries, each 0 to 1. The bounds are a question's default ones. */
export interface ModeQuality {
  readonly ndcg10: number;
  /** The same for the results that reach the bound. */
  readonly ndcg10Line: number;
  readonly recall10: number;
  /** Null when only ten documents were considered. */
  readonly recall100: number | null;
  /** Share of the queries that get an answer despite the bound. */
  readonly kept: number;
  /** Share of the off-topic questions that get no answer because of the bound; null when none were given. */
  readonly refused: number | null;
  /** Weights and bounds of the queries, and the number of queries with each. */
  readonly rankings: readonly { denseWeight: number | null; minRelevance: number; queries: number }[];
}

export interface Evaluation {
  readonly modes: Partial<Record<QueryMode, ModeQuality>>;
  /** Queries with at least one relevant document; only these count. */
  readonly queries: number;
  /**
   * Share of the ten nearest records that dense search finds; null when not requested, or above `exactRecordsMax`
   * records.
   */
  readonly hnswRecall: number | null;
}

const MODES: readonly QueryMode[] = ['dense', 'bm25', 'hybrid'];

/**
 * Measures how well an index finds the documents that were judged relevant. Results are chunks. A document has the rank
 * of its best chunk, and the list is cut after that. The index answers as to its owner, so limits for clients do not
 * apply.
 *
 * @throws StoreError; the signal's reason
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { modes = MODES, depth = 10, exact = false, offTopic = [], onProgress = () => undefined } = options;
  const queries = [...options.queries].filter(([id]) => hasRelevant(options.qrels.get(id) ?? new Map()));
  const texts = queries.map(([, text]) => text);
  const quality: Partial<Record<QueryMode, ModeQuality>> = {};
  for (const mode of modes) {
    const ranked = await rankAll(options, mode, texts, depth, mode);
    const others = await rankAll(options, mode, offTopic, 1, 'off topic');
    const rows = ranked.map((each, at) => ({ ranked: each, judged: options.qrels.get(queries[at]![0])! }));
    quality[mode] = qualityOf(rows, others, depth);
  }
  const records = options.index.info().namespaces[options.namespace ?? ''] ?? 0;
  const total = texts.length;
  const isCompared = exact && records <= exactRecordsMax;
  const report = (done: number) => onProgress({ phase: 'exact', done, total });
  const hnswRecall = isCompared ? await compareWithExact(options, texts, report) : null;
  return { modes: quality, queries: queries.length, hnswRecall };
}

async function rankAll(
  options: EvaluateOptions,
  mode: QueryMode,
  texts: readonly string[],
  depth: number,
  phase: EvaluateProgress['phase'],
): Promise<RankedDocuments[]> {
  const all: RankedDocuments[] = [];
  for (const text of texts) {
    options.signal?.throwIfAborted();
    all.push(await rankDocuments(options, mode, text, depth));
    options.onProgress?.({ phase, done: all.length, total: texts.length });
  }
  return all;
}

function qualityOf(
  rows: readonly { ranked: RankedDocuments; judged: Judgements }[],
  others: readonly RankedDocuments[],
  depth: 10 | 100,
): ModeQuality {
  const mean = (pick: (ranked: RankedDocuments, judged: Judgements) => number): number =>
    rows.reduce((sum, { ranked, judged }) => sum + pick(ranked, judged), 0) / rows.length;
  const answered = ({ aboveLine }: RankedDocuments): number => (aboveLine.length > 0 ? 1 : 0);
  return {
    ndcg10: mean(({ documents }, judged) => ndcg(documents, judged, 10)),
    ndcg10Line: mean(({ aboveLine }, judged) => ndcg(aboveLine, judged, 10)),
    recall10: mean(({ documents }, judged) => recall(documents, judged, 10)),
    recall100: depth === 100 ? mean(({ documents }, judged) => recall(documents, judged, 100)) : null,
    kept: mean(answered),
    refused: others.length === 0 ? null : 1 - others.reduce((sum, each) => sum + answered(each), 0) / others.length,
    rankings: countRankings(rows.map(({ ranked }) => ranked)),
  };
}

function countRankings(all: readonly RankedDocuments[]): ModeQuality['rankings'] {
  const groups = Map.groupBy(all, ({ denseWeight, minRelevance }) => `${denseWeight} ${minRelevance}`);
  return [...groups.values()].map((group) => {
    const { denseWeight, minRelevance } = group[0]!;
    return { denseWeight, minRelevance, queries: group.length };
  });
}
