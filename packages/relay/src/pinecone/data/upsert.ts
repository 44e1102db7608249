import type { Metadata, RecordInput } from '@tributary/schemas';
import type { Index } from '@tributary/store';
import { z } from 'zod';
import { ownBodyBytesMax } from '../../gateway/limits.ts';
import { keptOf } from '../control/kept.ts';
import { vectorsPerCallMax } from '../limits.ts';
import { indexOf, namespace, optional, readBody, vectorId } from '../parts.ts';
import { committed, type Endpoint } from '../row.ts';
import { fieldsShape, toStored } from './record.ts';
import { checkGiven, sparseShape, toSparseValues, toVector, valuesShape, type GivenVectors } from './vector.ts';

const body = z.strictObject({
  vectors: z
    .array(
      z.strictObject({
        id: vectorId,
        values: optional(valuesShape),
        sparseValues: optional(sparseShape),
        metadata: optional(fieldsShape),
      }),
    )
    .min(1, 'give 1 to 1000 vectors')
    .max(vectorsPerCallMax, 'give 1 to 1000 vectors'),
  namespace,
});

export interface AskedUpsert {
  index: string;
  namespace: string;
  vectors: (GivenVectors & { id: string; fields: Record<string, unknown> })[];
}

export const upsertEndpoint: Endpoint<AskedUpsert, { sequence: number }> = {
  bodyBytesMax: ownBodyBytesMax,
  parse(request) {
    const { vectors, namespace: place } = readBody(body, request);
    const read = vectors.map(({ id, values, sparseValues, metadata = {} }) => ({
      id,
      vector: toVector(values, `'${id}'`),
      sparse: toSparseValues(sparseValues, `'${id}'`),
      fields: metadata,
    }));
    return { index: indexOf(request), namespace: place, vectors: read };
  },
  shape: (_, { vectors }) => ({ upsertedCount: vectors.length }),
  headers: committed,
};

/** @throws TributaryError INPUT_SHAPE, VECTOR_DIMENSION, VECTOR_ZERO, METADATA_INVALID; what the store throws */
export function upsertVectors(index: Index, { vectors, namespace: place }: AskedUpsert): Promise<{ sequence: number }> {
  const info = index.info();
  const { field } = keptOf(info);
  const byId = new Map<string, RecordInput & { metadata: Metadata }>();
  for (const { id, fields, ...given } of vectors) {
    checkGiven(info, given, id, true);
    const { vector, sparse = null } = given;
    byId.set(id, { id, namespace: place, ...(vector === undefined ? {} : { vector }), sparse, ...toStored(fields, field) });
  }
  return index.upsert([...byId.values()]);
}
