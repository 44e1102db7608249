import { text, TributaryError, type Filter } from '@tributary/schemas';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AskedFetch, AskedList, AskedMatching, FetchedPage } from '../data/read.ts';
import { filterShape } from '../data/query.ts';
import { metadataPageMax, pageMax, vectorsPerCallMax } from '../limits.ts';
import { indexOf, namespaceOf, optional, readBody, readValue, token, toToken, vectorId } from '../parts.ts';
import { reconciled, type Endpoint } from '../row.ts';
import { shownOf, toFields, type FieldNames, type Shown } from './fields.ts';

const slotToken = token
  .transform((text) => (text === undefined ? null : Number(text)))
  .refine((slot) => slot === null || (Number.isSafeInteger(slot) && slot >= 0), 'is not one that this node gave');
const fetchBody = z.strictObject({
  ids: optional(z.array(vectorId).min(1, 'give 1 to 1000 ids').max(vectorsPerCallMax, 'give 1 to 1000 ids')),
  filter: filterShape,
  include_fields: optional(z.array(z.string().max(512)).max(1_000)),
  limit: optional(z.number().int().min(1, 'is 1 to 10000').max(metadataPageMax, 'is 1 to 10000')),
  pagination_token: slotToken,
});

export type AskedDocuments = { shown: Shown } & (AskedFetch | AskedMatching);
/** A page of documents, with the names of their fields. */
export interface DocumentPage {
  page: FetchedPage;
  names: FieldNames;
}

export const fetchEndpoint: Endpoint<AskedDocuments, DocumentPage> = {
  parse(request) {
    const { ids, filter, include_fields, limit = pageMax, pagination_token: after } = readBody(fetchBody, request);
    if ((ids === undefined) === (filter === null))
      throw new TributaryError('INPUT_SHAPE', "Exactly one of 'ids' and a 'filter' that is not empty must be given");
    if (after !== null && filter === null)
      throw new TributaryError('INPUT_SHAPE', "pagination_token: belongs to a fetch by 'filter'");
    const place = { ...placeOf(request), shown: shownOf(include_fields, 'all') };
    return ids === undefined ? { ...place, filter: filter as Filter, limit, after } : { ...place, ids };
  },
  // By hand, because a JavaScript object would put numeric ids first.
  shape({ page: { records, next }, names }, { named, shown }) {
    const entries = records.map(
      (record) => `${JSON.stringify(record.id)}:${JSON.stringify({ ...toFields(record, names, shown), _id: record.id })}`,
    );
    const pagination = next == null ? {} : { pagination: { next: toToken(String(next)) } };
    return `{"documents":{${entries.join(',')}},${JSON.stringify({ ...pagination, namespace: named, ...USAGE }).slice(1)}`;
  },
  headers: ({ page }) => reconciled(page),
};

const USAGE = { usage: { read_units: 1 } };

const listBody = z.strictObject({
  prefix: optional(text(512)),
  limit: optional(z.number().int().min(1, 'is 1 to 100').max(pageMax, 'is 1 to 100')),
  pagination_token: token,
});

export const listEndpoint: Endpoint<AskedList, { ids: string[]; next: string | null; sequence: number }> = {
  parse(request) {
    const { prefix, limit = pageMax, pagination_token: after } = readBody(listBody, request);
    const { index, named, namespace } = placeOf(request);
    const given = { ...(prefix === undefined ? {} : { prefix }), ...(after === undefined ? {} : { after }) };
    return { index, named, options: { namespace, limit, ...given } };
  },
  shape: ({ ids, next }, { named }) => ({
    documents: ids.map((_id) => ({ _id })),
    ...(next === null ? {} : { pagination: { next: toToken(next) } }),
    namespace: named,
    ...USAGE,
  }),
  headers: reconciled,
};

const namedPath = z.object({ namespace: z.string() });

/** Index and namespace of a path, the latter also as it was written, for the reply. */
export function placeOf(request: FastifyRequest): { index: string; namespace: string; named: string } {
  const { namespace: named } = readValue(namedPath, request.params);
  return { index: indexOf(request), namespace: namespaceOf(request), named };
}
