import { filter, TributaryError, type Filter, type Metadata, type SparseInput } from '@tributary/schemas';
import type { Index, IndexInfo } from '@tributary/store';
import { z } from 'zod';
import { shortest, toNumbers, toPairs } from '../../numbers/float-text.ts';
import type { NearestAsked } from '../../own/search.ts';
import { keptOf } from '../control/kept.ts';
import { topKMax } from '../limits.ts';
import { indexOf, namespace, optional, readBody, vectorId } from '../parts.ts';
import { reconciled, type Endpoint } from '../row.ts';
import { toFields } from './record.ts';
import { checkAsked, sparseShape, toSparseValues, toVector, valuesShape, type GivenVectors } from './vector.ts';

/** An empty filter counts as none. */
export const filterShape = optional(filter).transform((given) =>
  given === undefined || Object.keys(given).length === 0 ? null : given,
);
export const topKShape = z.number().int().min(1, 'is 1 to 10000').max(topKMax, 'is 1 to 10000');

const body = z.strictObject({
  namespace,
  topK: topKShape,
  vector: optional(valuesShape),
  id: optional(vectorId.or(z.literal(''))),
  sparseVector: optional(sparseShape),
  filter: filterShape,
  includeValues: optional(z.boolean()),
  includeMetadata: optional(z.boolean()),
  // For dedicated read nodes. They change the effort, not the result.
  scanFactor: z.unknown().optional(),
  maxCandidates: z.unknown().optional(),
});

export interface AskedNearest extends NearestAsked {
  index: string;
  /** Whether the answer includes the vectors. */
  values: boolean;
}

export interface AskedQuery extends AskedNearest {
  /** The namespace as the caller wrote it. */
  named: string;
  metadata: boolean;
}

/** A record that was found, own or paid for. */
export interface Found {
  id: string;
  score: number;
  /** Empty unless requested. */
  values: number[];
  /** Likewise; left out for a record that has none. */
  sparse?: SparseInput;
  fields: Metadata;
}

export interface Answer {
  matches: Found[];
  sequence: number;
  /** Only for an answer that was paid for. */
  receipt?: string;
}

export const answerHeaders = ({ sequence, receipt }: Answer): Record<string, string> => ({
  ...reconciled({ sequence }),
  ...(receipt === undefined ? {} : { 'x-tributary-receipt': receipt }),
});

export const queryEndpoint: Endpoint<AskedQuery, Answer> = {
  parse(request) {
    const asked = readBody(body, request);
    const vector = toVector(asked.vector, 'the query');
    const sparse = toSparseValues(asked.sparseVector, 'the query');
    return {
      index: indexOf(request),
      named: namedIn(request.body),
      to: toPlace({ vector, sparse }, asked.id === '' ? undefined : asked.id),
      namespace: asked.namespace,
      topK: asked.topK,
      filter: asked.filter as Filter | null,
      values: asked.includeValues ?? false,
      metadata: asked.includeMetadata ?? false,
    };
  },
  shape: ({ matches }, { named, metadata }) => ({
    results: [],
    matches: matches.map(({ id, score, values, sparse, fields }) => ({
      id,
      score: toScore(score),
      values,
      ...(sparse === undefined ? {} : { sparseValues: sparse }),
      ...(metadata && Object.keys(fields).length > 0 ? { metadata: fields } : {}),
    })),
    namespace: named,
    usage: { readUnits: 1 },
  }),
  headers: answerHeaders,
};

/** A score as a 32-bit float. */
export const toScore = (score: number): number => shortest(Math.fround(score));

/** The namespace of a body as it was written, for the reply. */
export function namedIn(given: unknown): string {
  const name = (given as { namespace?: unknown } | null | undefined)?.namespace;
  return typeof name === 'string' ? name : '';
}

function toPlace({ vector, sparse }: Partial<GivenVectors>, id: string | undefined): NearestAsked['to'] {
  const given = vector === undefined ? sparse && 'sparse_vector' : 'vector';
  if (given !== undefined && id !== undefined)
    throw new TributaryError('INPUT_SHAPE', `Cannot provide both 'ID' and '${given}' at the same time`);
  if (id !== undefined) return { id };
  return { ...(vector === undefined ? {} : { vector }), ...(sparse === undefined ? {} : { sparse }) };
}

/** @throws TributaryError INPUT_SHAPE, VECTOR_DIMENSION */
export function checkPlace(info: Pick<IndexInfo, 'dimension' | 'vectors'>, to: NearestAsked['to']): void {
  if ('id' in to || 'text' in to || 'words' in to) return;
  const { vector, sparse } = to;
  if (vector === undefined && sparse === undefined) {
    const needed = info.vectors === 'sparse' ? 'sparse_vector' : 'vector';
    throw new TributaryError('INPUT_SHAPE', `Either '${needed}' or 'ID' must be provided`);
  }
  checkAsked(info, to);
}

/** What can be searched. */
interface Searched {
  index(id: string): Index;
  search(id: string, asked: NearestAsked): ReturnType<Index['search']>;
}

/**
 * The result of a search of an own index, as clients see it.
 *
 * @throws TributaryError INPUT_SHAPE, VECTOR_DIMENSION; what the store throws
 */
export async function searchOwn(own: Searched, asked: AskedNearest): Promise<Answer> {
  checkPlace(own.index(asked.index).info(), asked.to);
  return answerOwn(own, asked);
}

/** The same for a question that was checked. */
export async function answerOwn(own: Searched, asked: AskedNearest): Promise<Answer> {
  const { field } = keptOf(own.index(asked.index).info());
  const { snapshot, records } = await own.search(asked.index, asked);
  const vectors = asked.values ? await toNumbers(records.map(({ vector }) => vector)) : [];
  const matches = records.map((record, at) => {
    const { id, score, sparse } = record;
    const pairs = asked.values && sparse !== null ? { sparse: toPairs(sparse) } : {};
    return { id, score, values: vectors[at] ?? [], ...pairs, fields: toFields(record, field) };
  });
  return { matches, sequence: snapshot };
}
