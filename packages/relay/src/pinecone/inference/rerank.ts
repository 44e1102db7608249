import { queryTextBytesMax, recordTextBytesMax, TributaryError } from '@tributary/schemas';
import { StoreError, type Reranker } from '@tributary/store';
import { z } from 'zod';
import { ownBodyBytesMax } from '../../gateway/limits.ts';
import { shortest } from '../../numbers/float-text.ts';
import { rerankDocumentsMax } from '../limits.ts';
import { optional, readBody, unsupported } from '../parts.ts';
import type { Endpoint } from '../row.ts';
import { isNamed } from './named.ts';

export type OwnReranker = Pick<Reranker, 'id' | 'maxTokens' | 'rerank'>;

/** Field that is ranked unless another is named. */
const FIELD = 'text';

const fieldList = z.array(z.string().min(1).max(512)).min(1, 'give one field');
/** Other parameters, which models of Pinecone have, change nothing. */
const parametersShape = z.looseObject({ truncate: optional(z.enum(['END', 'NONE'])) });
const topN = z.number().int().min(1, 'must be at least 1');
const queryShape = z.string().min(1, 'must not be empty');

const body = z.strictObject({
  model: z.string().max(256),
  query: queryShape,
  documents: z
    .array(z.record(z.string(), z.unknown()))
    .min(1, `give 1 to ${rerankDocumentsMax} documents`)
    .max(rerankDocumentsMax, `give 1 to ${rerankDocumentsMax} documents`),
  top_n: optional(topN),
  return_documents: optional(z.boolean()),
  rank_fields: optional(fieldList),
  parameters: optional(parametersShape),
});

/** The member of a search of records that reranks its hits. */
export const rerankShape = z.strictObject({
  model: z.string().max(256),
  rank_fields: fieldList,
  top_n: optional(topN),
  query: optional(queryShape),
  parameters: optional(parametersShape),
});

/** A question with the texts to order. */
interface AskedRanking {
  model: string;
  query: string;
  field: string;
  topN: number | undefined;
  /** A text that is too long is refused, not cut. */
  whole: boolean;
}

interface AskedRerank extends AskedRanking {
  documents: Record<string, unknown>[];
  /** Whether the reply has the documents. */
  documentsBack: boolean;
}

/** A place in the given list, with its score. */
interface Ranked {
  index: number;
  score: number;
}

export const rerankEndpoint = (reranker: OwnReranker | null): Endpoint<AskedRerank, Ranked[]> => ({
  bodyBytesMax: ownBodyBytesMax,
  parse(request) {
    const asked = readBody(body, request);
    const { documents, return_documents: documentsBack = true, rank_fields = [FIELD] } = asked;
    return { ...toRanking(reranker, { ...asked, rank_fields }, asked.query), documents, documentsBack };
  },
  shape: (ranked, { documents, documentsBack }) => ({
    model: reranker!.id,
    data: ranked.map(({ index, score }) => ({ index, score, ...(documentsBack ? { document: documents[index] } : {}) })),
    usage: { rerank_units: 1 },
  }),
});

/**
 * What a body asks for, whichever of the two it is.
 *
 * @throws TributaryError INPUT_SHAPE; StoreError MODEL_NOT_FOUND
 */
export function toRanking(
  reranker: OwnReranker | null,
  { model, rank_fields: fields, top_n, parameters }: z.output<typeof rerankShape>,
  query: string,
): AskedRanking {
  if (reranker === null) unsupported('reranking: it was started without --rerank-model FOLDER');
  requireReranker(reranker, model);
  if (fields.length > 1) refuse(`"Only one rank field is supported for model ${reranker.id}", not ${fields.length}`);
  const bytes = Buffer.byteLength(query);
  if (bytes > queryTextBytesMax) refuse(`query: has ${bytes} bytes, more than ${queryTextBytesMax}`);
  return { model, query, field: fields[0]!, topN: top_n, whole: parameters?.truncate === 'NONE' };
}

/**
 * The best of some objects by one of their fields, the best first.
 *
 * @throws TributaryError INPUT_SHAPE; StoreError TEXT_TOO_LONG, RERANK_FAILED, STORE_BUSY
 */
export async function rank(
  reranker: OwnReranker,
  documents: readonly Readonly<Record<string, unknown>>[],
  { query, field, topN: most = documents.length, whole }: AskedRanking,
  signal: AbortSignal,
): Promise<Ranked[]> {
  if (documents.length > rerankDocumentsMax)
    refuse(`${documents.length} records were found, and at most ${rerankDocumentsMax} can be reranked: use a smaller top_k`);
  const texts = documents.map((document, at) => textOf(document, field, at));
  const scores = await reranker.rerank(query, texts, { whole, signal });
  return scores
    .map((score, index) => ({ index, score: shortest(Math.fround(score)) }))
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, most);
}

function textOf(document: Readonly<Record<string, unknown>>, field: string, at: number): string {
  const text = Object.hasOwn(document, field) ? document[field] : undefined;
  if (text === undefined || text === null) refuse(`field '${field}' not found in document at index ${at}`);
  if (typeof text !== 'string') refuse(`field '${field}' in document at index ${at} is not a text`);
  if (Buffer.byteLength(text) > recordTextBytesMax)
    refuse(`field '${field}' in document at index ${at} has more than ${recordTextBytesMax} bytes`);
  return text;
}

/** @throws StoreError MODEL_NOT_FOUND */
function requireReranker({ id }: OwnReranker, name: string): void {
  if (!isNamed(id, name)) throw new StoreError('MODEL_NOT_FOUND', `Model '${name}' not found. This node reranks with ${id}`);
}

function refuse(message: string): never {
  throw new TributaryError('INPUT_SHAPE', message);
}
