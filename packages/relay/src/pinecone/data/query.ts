import { filter, TributaryError, type Filter, type Metadata } from '@tributary/schemas';
import type { Index } from '@tributary/store';
import { z } from 'zod';
import { shortest, toNumbers } from '../../numbers/float-text.ts';
import type { NearestAsked } from '../../own/search.ts';
import { keptOf } from '../control/kept.ts';
import { topKMax } from '../limits.ts';
import { indexOf, namespace, optional, readBody, vectorId } from '../parts.ts';
import { reconciled, type Endpoint } from '../row.ts';
import { toFields } from './record.ts';
import { checkAgainst, refuseSparse, sparseShape, toVector, valuesShape } from './vector.ts';

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
    refuseSparse(asked.sparseVector);
    const vector = toVector(asked.vector, 'the query');
    return {
      index: indexOf(request),
      named: namedIn(request.body),
      to: toPlace(vector, asked.id === '' ? undefined : asked.id),
      namespace: asked.namespace,
      topK: asked.topK,
      filter: asked.filter as Filter | null,
      values: asked.includeValues ?? false,
      metadata: asked.includeMetadata ?? false,
    };
  },
  shape: ({ matches }, { named, metadata }) => ({
    results: [],
    matches: matches.map(({ id, score, values, fields }) => ({
      id,
      score: toScore(score),
      values,
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

function toPlace(vector: Float32Array | undefined, id: string | undefined): NearestAsked['to'] {
  if (vector !== undefined && id !== undefined)
    throw new TributaryError('INPUT_SHAPE', "Cannot provide both 'ID' and 'vector' at the same time");
  if (vector !== undefined) return { vector };
  if (id === undefined) throw new TributaryError('INPUT_SHAPE', "Either 'vector' or 'ID' must be provided");
  return { id };
}

/** The result of a search of an own index, as clients see it. */
export async function searchOwn(
  own: { index(id: string): Index; search(id: string, asked: NearestAsked): ReturnType<Index['search']> },
  asked: AskedNearest,
): Promise<Answer> {
  const info = own.index(asked.index).info();
  const { field } = keptOf(info);
  if ('vector' in asked.to) checkAgainst(info, asked.to.vector);
  const { snapshot, records } = await own.search(asked.index, asked);
  const vectors = asked.values ? await toNumbers(records.map(({ vector }) => vector)) : [];
  const matches = records.map((record, at) => {
    const { id, score } = record;
    return { id, score, values: vectors[at] ?? [], fields: toFields(record, field) };
  });
  return { matches, sequence: snapshot };
}
