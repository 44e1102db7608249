import { TributaryError, type Filter, type Metadata } from '@tributary/schemas';
import type { Index } from '@tributary/store';
import { z } from 'zod';
import { ownBodyBytesMax } from '../../gateway/limits.ts';
import { keptOf } from '../control/kept.ts';
import { vectorsPerCallMax } from '../limits.ts';
import { indexOf, namespace, optional, readBody, vectorId } from '../parts.ts';
import { committed, type Endpoint } from '../row.ts';
import { filterShape } from './query.ts';
import { checkFields, fieldsShape, toStored } from './record.ts';
import { checkGiven, sparseShape, toSparseValues, toVector, valuesShape, type GivenVectors } from './vector.ts';

const updateBody = z.strictObject({
  id: optional(vectorId.or(z.literal(''))),
  values: optional(valuesShape),
  sparseValues: optional(sparseShape),
  setMetadata: optional(fieldsShape),
  namespace,
  filter: filterShape,
  dryRun: optional(z.boolean()),
});

export type AskedUpdate = { index: string; namespace: string; fields: Record<string, unknown> } & (
  | ({ id: string } & GivenVectors)
  | { filter: Filter; dryRun: boolean }
);
type Written = { sequence: number; count: number };

export const updateEndpoint: Endpoint<AskedUpdate, Written> = {
  bodyBytesMax: ownBodyBytesMax,
  parse(request) {
    const { id, filter, values, sparseValues, setMetadata, dryRun = false, namespace: place } = readBody(updateBody, request);
    const asked = { index: indexOf(request), namespace: place, fields: setMetadata ?? {} };
    const byId = id !== undefined && id !== '';
    if (byId === (filter !== null)) throw new TributaryError('INPUT_SHAPE', "Exactly one of 'id' and 'filter' must be provided");
    const sparse = toSparseValues(sparseValues, `'${id ?? ''}'`);
    if (byId) return { ...asked, id, vector: toVector(values, `'${id}'`), sparse };
    if ((values !== undefined && values.length > 0) || sparse !== undefined)
      throw new TributaryError('INPUT_SHAPE', "An update by 'filter' sets metadata only, no values");
    return { ...asked, filter: filter!, dryRun };
  },
  shape: ({ count }, asked) => ('filter' in asked ? { matchedRecords: count } : {}),
  headers: committed,
};

/** @throws TributaryError INPUT_SHAPE, VECTOR_*, METADATA_INVALID, FILTER_INVALID; what the store throws */
export async function updateOwn(index: Index, asked: AskedUpdate): Promise<Written> {
  const { namespace: place, fields } = asked;
  const info = index.info();
  if ('filter' in asked) {
    const { filter, dryRun } = asked;
    const setMetadata: Metadata = checkFields(fields);
    return index.updateMatching({ namespace: place, filter, setMetadata, dryRun });
  }
  const { text, metadata } = toStored(fields, keptOf(info).field);
  const { id, vector, sparse } = asked;
  checkGiven(info, { vector, sparse }, id, false);
  const change = {
    ...(text === undefined ? {} : { text }),
    ...(vector === undefined ? {} : { vector }),
    ...(sparse === undefined ? {} : { sparse }),
  };
  return index.update({ id, namespace: place, setMetadata: metadata, ...change });
}

const deleteBody = z.strictObject({
  ids: optional(z.array(vectorId).max(vectorsPerCallMax, 'give 1 to 1000 ids')),
  deleteAll: optional(z.boolean()),
  filter: filterShape,
  namespace,
});

export interface AskedDelete {
  index: string;
  namespace: string;
  what: { ids: string[] } | { filter: Filter } | { all: true };
}

export const deleteEndpoint: Endpoint<AskedDelete, Written> = {
  bodyBytesMax: ownBodyBytesMax,
  parse(request) {
    const { ids = [], deleteAll = false, filter, namespace: place } = readBody(deleteBody, request);
    const given = [ids.length > 0, deleteAll, filter !== null].filter(Boolean).length;
    if (given !== 1) throw new TributaryError('INPUT_SHAPE', "Exactly one of 'ids', 'filter' and 'deleteAll' must be provided");
    const what = deleteAll ? ({ all: true } as const) : filter === null ? { ids } : { filter };
    return { index: indexOf(request), namespace: place, what };
  },
  shape: () => ({}),
  headers: committed,
};
