import { queryTextBytesMax, TributaryError, type Filter, type Metadata } from '@tributary/schemas';
import { z } from 'zod';
import { answerHeaders, filterShape, topKShape, toScore, type Answer, type AskedNearest } from '../data/query.ts';
import { refuseTerms, toSparseValues, toVector, valuesShape } from '../data/vector.ts';
import { rank, rerankShape, toRanking, type OwnReranker } from '../inference/rerank.ts';
import { indexOf, namespaceOf, optional, readBody, vectorId } from '../parts.ts';
import type { Endpoint } from '../row.ts';

const body = z.strictObject({
  query: z.strictObject({
    top_k: topKShape,
    inputs: optional(z.strictObject({ text: z.string().min(1) })),
    vector: optional(
      z.strictObject({
        values: optional(valuesShape),
        sparse_values: optional(z.array(z.number())),
        sparse_indices: optional(z.array(z.number())),
      }),
    ),
    id: optional(vectorId),
    filter: filterShape,
    match_terms: z.unknown().optional(),
  }),
  fields: optional(z.array(z.string().max(512)).max(1_000)),
  rerank: optional(rerankShape),
});

export interface AskedSearch extends AskedNearest {
  fields: string[] | undefined;
  /** How the hits are ordered again. */
  ranking: ReturnType<typeof toRanking> | null;
}

/** Searches by text, vector or id. Each hit has its fields. */
export const searchEndpoint = (
  countTokens: (text: string) => number,
  reranker: OwnReranker | null,
): Endpoint<AskedSearch, Answer> => ({
  parse(request) {
    const { query, fields, rerank } = readBody(body, request);
    refuseTerms(query.match_terms);
    return {
      index: indexOf(request),
      to: placeOf(query),
      namespace: namespaceOf(request),
      topK: query.top_k,
      filter: query.filter as Filter | null,
      values: false,
      fields,
      ranking: rerank === undefined ? null : toRanking(reranker, rerank, rerank.query ?? questionOf(query)),
    };
  },
  shape: ({ matches }, { to, fields, ranking }) => ({
    result: {
      hits: matches.map((match) => ({ _id: match.id, _score: toScore(match.score), fields: pick(match.fields, fields) })),
    },
    usage: {
      read_units: 1,
      embed_total_tokens: 'text' in to ? countTokens(to.text) : 0,
      ...(ranking === null ? {} : { rerank_units: 1 }),
    },
  }),
  headers: answerHeaders,
});

/** @throws TributaryError INPUT_SHAPE */
function questionOf({ inputs }: z.output<typeof body>['query']): string {
  if (inputs !== undefined) return inputs.text;
  throw new TributaryError('INPUT_SHAPE', 'rerank.query: must be provided for a search without a text');
}

/**
 * The best hits by the model, whose scores replace those of the search.
 *
 * @throws TributaryError INPUT_SHAPE; StoreError TEXT_TOO_LONG, RERANK_FAILED, STORE_BUSY
 */
export async function rerankHits(
  reranker: OwnReranker,
  answer: Answer,
  ranking: NonNullable<AskedSearch['ranking']>,
  signal: AbortSignal,
): Promise<Answer> {
  const documents = answer.matches.map(({ fields }) => fields);
  const ranked = await rank(reranker, documents, ranking, signal);
  return { ...answer, matches: ranked.map(({ index, score }) => ({ ...answer.matches[index]!, score })) };
}

function placeOf({ inputs, vector, id }: z.output<typeof body>['query']): AskedSearch['to'] {
  const given = [inputs, vector, id].filter((part) => part !== undefined).length;
  if (given !== 1) throw new TributaryError('INPUT_SHAPE', "query: exactly one of 'inputs', 'vector' and 'id' must be provided");
  if (id !== undefined) return { id };
  if (inputs !== undefined) {
    const bytes = Buffer.byteLength(inputs.text);
    if (bytes > queryTextBytesMax)
      throw new TributaryError('INPUT_SHAPE', `query.inputs.text: has ${bytes} bytes, more than ${queryTextBytesMax}`);
    return { text: inputs.text };
  }
  const values = toVector(vector?.values, 'the query');
  const pairs = { indices: vector?.sparse_indices ?? [], values: vector?.sparse_values ?? [] };
  const sparse = toSparseValues(pairs, 'the query');
  if (values === undefined && sparse === undefined) throw new TributaryError('INPUT_SHAPE', 'query.vector: has no values');
  return { ...(values === undefined ? {} : { vector: values }), ...(sparse === undefined ? {} : { sparse }) };
}

function pick(fields: Metadata, wanted: readonly string[] | undefined): Metadata {
  if (wanted === undefined) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([key]) => wanted.includes(key)));
}
