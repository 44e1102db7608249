import { queryTextBytesMax, text, type Filter, type GatewayResult } from '@tributary/schemas';
import { z } from 'zod';
import type { OwnIndexes } from '../../own/types.ts';
import { attributeCharsMax, searchQueriesMax, searchResultsMax } from '../limits.ts';
import { fileOfDocument } from './document-name.ts';

const query = text(queryTextBytesMax).min(1);
const scalar = z.union([z.string().max(attributeCharsMax), z.number(), z.boolean()]);
const key = z.string().min(1).max(attributeCharsMax);

interface Compound {
  type: 'and' | 'or';
  filters: SearchFilter[];
}
const comparison = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['eq', 'ne']), key, value: scalar }),
  z.strictObject({ type: z.enum(['gt', 'gte', 'lt', 'lte']), key, value: z.number() }),
  z.strictObject({ type: z.enum(['in', 'nin']), key, value: z.array(z.union([z.string(), z.number()])).min(1) }),
]);
type SearchFilter = z.output<typeof comparison> | Compound;
const compound: z.ZodType<Compound> = z.strictObject({
  type: z.enum(['and', 'or']),
  get filters() {
    return z.array(searchFilter).min(1);
  },
});
const searchFilter: z.ZodType<SearchFilter> = z.union([compound, comparison]);

const weight = z.number().min(0).max(1);
export const searchBody = z.strictObject({
  query: z.union([query, z.array(query).min(1).max(searchQueriesMax)]),
  max_num_results: z.number().int().min(1).max(searchResultsMax).default(10),
  filters: searchFilter.nullish(),
  ranking_options: z
    .strictObject({
      ranker: z
        .string()
        .regex(/^(?:none|auto|default-[\w-]+)$/)
        .optional(),
      score_threshold: weight.default(0),
      hybrid_search: z
        .strictObject({ embedding_weight: z.number().min(0).max(1e6), text_weight: z.number().min(0).max(1e6) })
        .refine(({ embedding_weight: dense, text_weight: words }) => dense + words > 0, 'one weight must be above 0')
        .optional(),
    })
    .optional(),
  rewrite_query: z.boolean().optional(),
});

export interface Search {
  queries: string[];
  topK: number;
  filter: Filter | null;
  minRelevance: number;
  denseWeight: number | null;
}

export function searchOf(body: z.output<typeof searchBody>): Search {
  const { query: given, max_num_results: topK, filters, ranking_options: ranking } = body;
  const weights = ranking?.hybrid_search;
  return {
    queries: typeof given === 'string' ? [given] : given,
    topK,
    filter: filters == null ? null : toFilter(filters),
    minRelevance: ranking?.score_threshold ?? 0,
    denseWeight: weights ? weights.embedding_weight / (weights.embedding_weight + weights.text_weight) : null,
  };
}

/** The same filter in the language of the store. */
function toFilter(filter: SearchFilter): Filter {
  if ('filters' in filter) return { [`$${filter.type}`]: filter.filters.map(toFilter) };
  return { [filter.key]: { [`$${filter.type}`]: filter.value } };
}

export interface Found {
  file: string;
  document: string;
  result: GatewayResult;
}

/**
 * Asks the index each query. A record found by several has its best score.
 *
 * @throws StoreError; TributaryError
 */
export async function search(
  own: Pick<OwnIndexes, 'ask'>,
  index: string,
  { queries, topK, filter, minRelevance, denseWeight }: Search,
): Promise<Found[]> {
  const best = new Map<string, GatewayResult>();
  for (const one of queries) {
    const { results } = await own.ask(index, {
      text: one,
      topK,
      minRelevance,
      ...(filter === null ? {} : { filter }),
      ...(denseWeight === null ? {} : { mode: 'hybrid', denseWeight }),
    });
    for (const result of results) {
      const before = best.get(result.id);
      if (before === undefined || before.relevance < result.relevance) best.set(result.id, result);
    }
  }
  return [...best.values()]
    .toSorted((a, b) => b.relevance - a.relevance)
    .slice(0, topK)
    .map((result) => {
      const document = result.source?.document ?? result.id;
      return { file: fileOfDocument(document) ?? result.id, document, result };
    });
}
