import type { QueryMode } from '@tributary/schemas';

/** Lines that were measured (docs/decisions/0004): what is below them is noise more often than not. By the model's id. */
const MEASURED: Readonly<Record<string, Readonly<Record<'dense' | 'hybrid', number>>>> = {
  'BAAI/bge-small-en-v1.5': { dense: 0.62, hybrid: 0.5 },
};
/** BM25 as a share of what the question's terms could reach at most. */
const BM25_LINE = 0.12;

/** Relevance below which a question in words prefers no answer, so that nobody pays for noise; 0 for models whose scale is not known. */
export function minRelevanceOf(mode: QueryMode, modelId: string): number {
  return mode === 'bm25' ? BM25_LINE : (MEASURED[modelId]?.[mode] ?? 0);
}
