import { TributaryError, type Filter, type RecordInput } from '@tributary/schemas';
import type { Index, IndexInfo } from '@tributary/store';
import { z } from 'zod';
import { ownBodyBytesMax } from '../../gateway/limits.ts';
import { hasModel } from '../control/kept.ts';
import { namespaceIn } from '../data/namespaces.ts';
import { filterShape } from '../data/query.ts';
import { checkFields, fieldsShape } from '../data/record.ts';
import { checkGiven } from '../data/vector.ts';
import { vectorsPerCallMax } from '../limits.ts';
import { indexOf, namespaceOf, optional, readBody, vectorId } from '../parts.ts';
import { committed, type Endpoint } from '../row.ts';
import { fieldNames, toParts, type DocumentParts, type FieldNames } from './fields.ts';

const count = `give 1 to ${vectorsPerCallMax} documents`;
const upsertBody = z.strictObject({
  documents: z
    .array(z.looseObject({ _id: vectorId }))
    .min(1, count)
    .max(vectorsPerCallMax, count),
});

interface Place {
  index: string;
  namespace: string;
}
interface AskedDocuments extends Place {
  documents: { id: string; fields: Record<string, unknown>; removed: readonly string[] }[];
}
type Written = { sequence: number; count: number };

export const upsertEndpoint: Endpoint<AskedDocuments, { sequence: number }> = {
  status: 202,
  bodyBytesMax: ownBodyBytesMax,
  parse(request) {
    const { documents } = readBody(upsertBody, request);
    const read = documents.map(({ _id: id, ...fields }) => ({ id, fields, removed: [] }));
    return { index: indexOf(request), namespace: namespaceOf(request), documents: read };
  },
  shape: (_, { documents }) => ({ upserted_count: documents.length }),
  headers: committed,
};

/** @throws TributaryError INPUT_SHAPE, METADATA_INVALID, VECTOR_*; what the store throws */
export function upsertDocuments(index: Index, { namespace, documents }: AskedDocuments): Promise<Written> {
  const info = index.info();
  const names = fieldNames(info);
  const byId = new Map<string, RecordInput>();
  for (const { id, fields } of documents) {
    const parts = toParts(fields, names, id);
    checkWhole(info, names, parts, id);
    byId.set(id, { id, namespace, sparse: null, ...parts });
  }
  return index.upsert([...byId.values()]);
}

/**
 * A record has all vectors of its index, and in an index of texts its text.
 *
 * @throws TributaryError INPUT_SHAPE, VECTOR_*
 */
function checkWhole(info: IndexInfo, names: FieldNames, { vector, sparse, text = '' }: DocumentParts, id: string): void {
  if (hasModel(info)) {
    if (text.trim() === '') refuse(`Document '${id}' must have a text in the field '${names.text}'`);
    return;
  }
  if (names.dense !== null && vector === undefined)
    refuse(`Document '${id}' must have a dense vector in the field '${names.dense}'`);
  if (names.dense === null && sparse === undefined)
    refuse(`Document '${id}' must have sparse values in the field '${names.sparse}'`);
  checkGiven(info, { vector, sparse }, id, true);
}

const nameList = z.array(z.string().min(1).max(512)).max(1_000);
const updateBody = z.strictObject({
  documents: optional(
    z
      .array(z.looseObject({ _id: vectorId, _remove_fields: optional(nameList) }))
      .min(1, count)
      .max(vectorsPerCallMax, count),
  ),
  filter: filterShape,
  set_fields: optional(fieldsShape),
  remove_fields: optional(nameList),
});

interface AskedPatch extends Place {
  filter: Filter;
  set: Record<string, unknown>;
  removed: readonly string[];
}

export const updateEndpoint: Endpoint<AskedDocuments | AskedPatch, Written> = {
  status: 202,
  bodyBytesMax: ownBodyBytesMax,
  parse(request) {
    const { documents, filter, set_fields: set = {}, remove_fields: removed = [] } = readBody(updateBody, request);
    const place = { index: indexOf(request), namespace: namespaceOf(request) };
    const patches = Object.keys(set).length > 0 || removed.length > 0;
    if ((documents === undefined) === (filter === null))
      refuse("Exactly one of 'documents' and a 'filter' that is not empty must be given");
    if (filter === null) {
      if (patches) refuse("'set_fields' and 'remove_fields' are given with a 'filter', not with 'documents'");
      const read = documents!.map(({ _id: id, _remove_fields: gone = [], ...fields }) => ({ id, fields, removed: gone }));
      return { ...place, documents: read };
    }
    if (!patches) refuse("A 'filter' needs 'set_fields' or 'remove_fields'");
    return { ...place, filter, set, removed };
  },
  shape: ({ count: matched }, asked) => ('filter' in asked ? { matched_records: matched } : {}),
  headers: committed,
};

/** @throws TributaryError INPUT_SHAPE, METADATA_INVALID, VECTOR_*, FILTER_INVALID; what the store throws */
export async function updateDocuments(index: Index, asked: AskedDocuments | AskedPatch): Promise<Written> {
  const info = index.info();
  const names = fieldNames(info);
  const { namespace } = asked;
  if ('filter' in asked) {
    const { filter, set, removed } = asked;
    for (const name of Object.keys(set))
      if (Object.values(names).includes(name)) refuse(`set_fields: '${name}' can be set by '_id' only, in 'documents'`);
    checkRemoved(removed, set, names);
    return index.updateMatching({ namespace, filter, setMetadata: checkFields(set), removeMetadata: removed });
  }
  const changes = asked.documents.map(({ id, fields, removed }) => {
    const { metadata, ...parts } = toParts(fields, names, id);
    checkGiven(info, { vector: parts.vector, sparse: parts.sparse }, id, false);
    checkRemoved(removed, fields, names);
    return { id, namespace, ...parts, setMetadata: metadata, removeMetadata: removed };
  });
  return index.update(changes);
}

/** @throws TributaryError INPUT_SHAPE */
function checkRemoved(removed: readonly string[], set: Readonly<Record<string, unknown>>, names: FieldNames): void {
  for (const name of removed) {
    if (Object.hasOwn(set, name)) refuse(`The field '${name}' cannot be both set and removed`);
    if (Object.values(names).includes(name))
      refuse(`The field '${name}' cannot be removed: it is a vector or the text of the index`);
  }
}

const deleteBody = z.strictObject({
  ids: optional(z.array(vectorId).min(1, 'give 1 to 1000 ids').max(vectorsPerCallMax, 'give 1 to 1000 ids')),
  filter: filterShape,
  delete_all: optional(z.boolean()),
});

interface AskedDelete extends Place {
  what: { ids: string[] } | { filter: Filter } | { all: true };
}

export const deleteEndpoint: Endpoint<AskedDelete, Written> = {
  status: 202,
  bodyBytesMax: ownBodyBytesMax,
  parse(request) {
    const { ids, filter, delete_all: all = false } = readBody(deleteBody, request);
    if ([ids !== undefined, filter !== null, all].filter(Boolean).length !== 1)
      refuse("Exactly one of 'ids', a 'filter' that is not empty and 'delete_all' must be given");
    const what = all ? ({ all } as const) : filter === null ? { ids: ids! } : { filter };
    return { index: indexOf(request), namespace: namespaceOf(request), what };
  },
  shape: ({ count: matched }, { what }) => ('filter' in what ? { matched_records: matched } : {}),
  headers: committed,
};

/** @throws RelayError NAMESPACE_NOT_FOUND; TributaryError FILTER_INVALID; what the store throws */
export async function deleteDocuments(index: Index, { namespace, what }: AskedDelete): Promise<Written> {
  if ('all' in what) namespaceIn(index, namespace);
  return index.delete(what, namespace);
}

function refuse(message: string): never {
  throw new TributaryError('INPUT_SHAPE', message);
}
