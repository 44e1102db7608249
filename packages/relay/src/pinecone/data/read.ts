import type { Filter, Metadata, SparseInput } from '@tributary/schemas';
import type { Index, StoredRecord } from '@tributary/store';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { toNumbers, toPairs } from '../../numbers/float-text.ts';
import { keptOf } from '../control/kept.ts';
import { metadataPageMax, pageMax, vectorsPerCallMax } from '../limits.ts';
import { indexOf, namespace, optional, readBody, readValue, token, toToken, vectorId } from '../parts.ts';
import { reconciled, type Endpoint } from '../row.ts';
import { filterShape, namedIn } from './query.ts';
import { toFields } from './record.ts';

/** A record as it is returned by a fetch. */
export interface Fetched {
  id: string;
  values: number[];
  /** Left out for a record that has none. */
  sparse?: SparseInput;
  fields: Metadata;
}

export interface FetchedPage {
  records: Fetched[];
  sequence: number;
  next?: number | null;
}

export interface AskedFetch {
  index: string;
  namespace: string;
  named: string;
  ids: string[];
}

const idList = z.array(vectorId).min(1, 'give 1 to 1000 ids').max(vectorsPerCallMax, 'give 1 to 1000 ids');
const fetchQuery = z.strictObject({ ids: z.union([idList, vectorId.transform((id) => [id])]), namespace });

export const fetchEndpoint: Endpoint<AskedFetch, FetchedPage> = {
  parse(request) {
    const asked = readValue(fetchQuery, request.query);
    return { index: indexOf(request), named: namedIn(request.query), ...asked };
  },
  shape: ({ records }, { named }) => toPage(records, named),
  headers: reconciled,
};

export interface AskedMatching {
  index: string;
  namespace: string;
  named: string;
  filter: Filter;
  limit: number;
  after: number | null;
}

const matchingBody = z.strictObject({
  namespace,
  filter: filterShape,
  limit: optional(z.number().int().min(1, 'is 1 to 10000').max(metadataPageMax, 'is 1 to 10000')),
  paginationToken: token
    .transform((text) => (text === undefined ? null : Number(text)))
    .refine((slot) => slot === null || (Number.isSafeInteger(slot) && slot >= 0), 'is not one that this node gave'),
});

export const fetchMatchingEndpoint: Endpoint<AskedMatching, FetchedPage> = {
  parse(request) {
    const { filter, limit = pageMax, paginationToken: after, ...asked } = readBody(matchingBody, request);
    return { index: indexOf(request), named: namedIn(request.body), filter: filter ?? {}, limit, after, ...asked };
  },
  shape: ({ records, next }, { named }) => toPage(records, named, next == null ? undefined : toToken(String(next))),
  headers: reconciled,
};

/** Serialised by hand in the requested order, because a JavaScript object would put numeric ids first. */
function toPage(records: readonly Fetched[], named: string, next?: string): string {
  const entries = records.map(({ id, values, sparse, fields }) => {
    const metadata = Object.keys(fields).length > 0 ? { metadata: fields } : {};
    const pairs = sparse === undefined ? {} : { sparseValues: sparse };
    return `${JSON.stringify(id)}:${JSON.stringify({ id, values, ...pairs, ...metadata })}`;
  });
  const rest = { namespace: named, ...(next === undefined ? {} : { pagination: { next } }), usage: { readUnits: 1 } };
  return `{"vectors":{${entries.join(',')}},${JSON.stringify(rest).slice(1)}`;
}

/** Each record once, in the requested order. */
export async function fetchOwn(index: Index, { ids, namespace: place }: AskedFetch): Promise<FetchedPage> {
  return toFetched(await index.fetch([...new Set(ids)], place), index);
}

export async function fetchMatchingOwn(
  index: Index,
  { namespace: place, filter, limit, after }: AskedMatching,
): Promise<FetchedPage> {
  const { records, next } = await index.fetchMatching({ namespace: place, filter, limit, after });
  return { ...(await toFetched(records, index)), next };
}

async function toFetched(records: StoredRecord[], index: Index): Promise<FetchedPage> {
  const info = index.info();
  const { field } = keptOf(info);
  const vectors = await toNumbers(records.map(({ vector }) => vector));
  const fetched = records.map((record, at) => ({
    id: record.id,
    values: vectors[at]!,
    ...(record.sparse === null ? {} : { sparse: toPairs(record.sparse) }),
    fields: toFields(record, field),
  }));
  return { records: fetched, sequence: info.sequence };
}

export interface AskedList {
  index: string;
  named: string;
  options: { namespace: string; prefix?: string; limit: number; after?: string };
}

/** A number in a URL. */
export const pageLimit = optional(z.string().regex(/^(?:100|[1-9]\d?)$/, 'is 1 to 100')).transform((text) =>
  text === undefined ? pageMax : Number(text),
);
const listQuery = z.strictObject({ namespace, prefix: optional(z.string().max(512)), limit: pageLimit, paginationToken: token });

export const listEndpoint: Endpoint<AskedList, { ids: string[]; next: string | null; sequence: number }> = {
  parse(request: FastifyRequest) {
    const { prefix, paginationToken: after, ...options } = readValue(listQuery, request.query);
    const given = { ...options, ...(prefix === undefined ? {} : { prefix }), ...(after === undefined ? {} : { after }) };
    return { index: indexOf(request), named: namedIn(request.query), options: given };
  },
  shape: ({ ids, next }, { named }) => ({
    vectors: ids.map((id) => ({ id })),
    ...(next === null ? {} : { pagination: { next: toToken(next) } }),
    namespace: named,
    usage: { readUnits: 1 },
  }),
  headers: reconciled,
};

export async function listOwn(index: Index, { options }: AskedList) {
  return { ...(await index.list(options)), sequence: index.info().sequence };
}
