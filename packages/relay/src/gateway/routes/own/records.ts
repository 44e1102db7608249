import { vectorToBase64url } from '@tributary/proof/primitives';
import {
  checkShape,
  deleteBody,
  fetchBody,
  fetchReply,
  toSparse,
  updateBody,
  upsertBody,
  writeReply,
  type DeleteBody,
  type FetchReply,
  type RecordInput,
  type UpsertBody,
} from '@tributary/schemas';
import type { Index, StoredRecord } from '@tributary/store';
import type { Endpoint } from '../../endpoint.ts';
import { ownBodyBytesMax } from '../../limits.ts';
import { toPairs } from '../../../numbers/float-text.ts';
import { toSparseVector, toVector } from '../vector.ts';
import { OWN_READ, RECORD_WRITE } from './codes.ts';
import { NAME_PARAM, nameOf } from './index-name.ts';

type Written = Awaited<ReturnType<Index['upsert']>>;
type Update = Parameters<Index['update']>[0];
type Deletion = Parameters<Index['delete']>[0];

/** Drops members without a value, because the store replaces missing ones by their defaults. */
const given = <T extends object>(members: T) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
const written = ({ count, sequence }: Written) => ({ count, sequence });
const WRITTEN = {
  200: { description: 'How many records it touched, and the sequence of the write; on disk.', schema: writeReply },
};

export const upsertEndpoint: Endpoint<{ name: string; records: RecordInput[] }, Written> = {
  id: 'upsert-records',
  summary: 'Writes records, whole or not at all; those of the same id are replaced.',
  params: NAME_PARAM,
  body: upsertBody,
  bodyBytesMax: ownBodyBytesMax,
  replies: WRITTEN,
  errors: RECORD_WRITE,
  parse(request) {
    return { name: nameOf(request), records: toInputs(checkShape(upsertBody, request.body, 'upsert')) };
  },
  shape: written,
};

/** The records of a body as the store takes them. */
export function toInputs({ namespace, records }: UpsertBody): RecordInput[] {
  return records.map(({ vector, sparse, id, ...rest }, at) => ({
    id,
    ...given({ ...rest, namespace }),
    ...(vector === undefined ? {} : { vector: toVector(vector, `upsert at records.${at}.vector`) }),
    ...(sparse === undefined ? {} : { sparse: toSparse(sparse) }),
  }));
}

export const updateEndpoint: Endpoint<{ name: string; change: Update }, Written> = {
  id: 'update-record',
  summary: 'Changes parts of one record; the count is 0 when there is none of that id.',
  params: NAME_PARAM,
  body: updateBody,
  bodyBytesMax: ownBodyBytesMax,
  replies: WRITTEN,
  errors: RECORD_WRITE,
  parse(request) {
    const { id, vector, sparse, ...rest } = checkShape(updateBody, request.body, 'update');
    const made = {
      ...(vector === undefined ? {} : { vector: toVector(vector, 'update at vector') }),
      ...(sparse === undefined ? {} : { sparse: toSparseVector(sparse, 'update at sparse') }),
    };
    return { name: nameOf(request), change: { id, ...given(rest), ...made } };
  },
  shape: written,
};

export const deleteEndpoint: Endpoint<{ name: string; namespace: string; what: Deletion }, Written> = {
  id: 'delete-records',
  summary: 'Deletes records by id, by filter, or all of a namespace.',
  params: NAME_PARAM,
  body: deleteBody,
  bodyBytesMax: ownBodyBytesMax,
  replies: WRITTEN,
  errors: [...RECORD_WRITE, 'FILTER_INVALID'],
  parse(request) {
    const asked = checkShape(deleteBody, request.body, 'delete');
    return { name: nameOf(request), namespace: asked.namespace ?? '', what: whatOf(asked) };
  },
  shape: written,
};

function whatOf({ ids, filter }: DeleteBody): Deletion {
  if (ids !== undefined) return { ids };
  return filter === undefined ? { all: true } : { filter };
}

export const fetchEndpoint: Endpoint<{ name: string; namespace: string; ids: string[]; vectors: boolean }, StoredRecord[]> = {
  id: 'fetch-records',
  summary: 'Records by id, in the order asked; ids that are not there are left out.',
  params: NAME_PARAM,
  body: fetchBody,
  bodyBytesMax: ownBodyBytesMax,
  replies: { 200: { description: 'The records that are there.', schema: fetchReply } },
  errors: [...OWN_READ, 'OVERLOADED', 'RECORD_INVALID'],
  parse(request) {
    const { namespace = '', ids, vectors = false } = checkShape(fetchBody, request.body, 'fetch');
    return { name: nameOf(request), namespace, ids, vectors };
  },
  shape: (records, { vectors }) => toFetched(records, vectors),
};

export const toFetched = (records: StoredRecord[], vectors: boolean): FetchReply => ({
  records: records.map((record) => toRecord(record, vectors)),
});

function toRecord({ vector, sparse, version, ...record }: StoredRecord, vectors: boolean): FetchReply['records'][number] {
  const shown = {
    ...(vector.length === 0 ? {} : { vector: vectorToBase64url(vector) }),
    ...(sparse === null ? {} : { sparse: toPairs(sparse) }),
  };
  return { ...record, sequence: version, ...(vectors ? shown : {}) };
}
