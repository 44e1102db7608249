import { metric as metricShape, TributaryError } from '@tributary/schemas';
import { z } from 'zod';
import {
  emptyListsMax,
  pageBytesMax,
  pageRecordsMax,
  pineconeFetchesMax,
  pineconeIdsCharsMax,
  pineconePageMax,
} from '../limits.ts';
import type { Patience } from '../retry.ts';
import type { Page, Source, SourceFacts, SourceRecord } from '../types.ts';
import { components, fields, readShape } from './shapes.ts';
import { callSource, serverAddress, type SourceServer } from './source-http.ts';

/** Version of the API whose form is read. */
const API_VERSION = '2025-10';
const CONTROLLER = 'https://api.pinecone.io';
/** Pinecone's name of the default namespace, which is the empty one here. */
const DEFAULT = '__default__';

export interface PineconeOptions {
  /** Name of the index; asks the control plane for its host. */
  index?: string;
  /** Host of the index. */
  host?: string;
  controller?: string;
  namespace?: string;
}

// Servers may add members, so these shapes are not strict.
const described = z.object({ host: z.string().min(1), metric: z.string().nullish() });
const stats = z.object({
  dimension: z.number().int().min(1).nullish(),
  metric: z.string().nullish(),
  namespaces: z.record(z.string(), z.object({ vectorCount: z.coerce.number().int().min(0).default(0) })).default({}),
});
const listed = z.object({
  vectors: z.array(z.object({ id: z.string() })).default([]),
  pagination: z.object({ next: z.string().optional() }).nullish(),
});
const fetched = z.object({
  vectors: z.record(
    z.string(),
    z.object({
      id: z.string(),
      values: components.optional(),
      sparseValues: z.object({ indices: components, values: components }).nullish(),
      metadata: fields.nullish(),
    }),
  ),
});
const cursorShape = z.union([
  z.strictObject({ namespace: z.string(), after: z.string().nullable() }),
  z.strictObject({ end: z.literal(true) }),
]);
type Cursor = z.infer<typeof cursorShape>;

/**
 * A serverless index of Pinecone, or of a server that speaks its API. Namespaces are read one after the other.
 *
 * @throws TributaryError USAGE
 */
export function pineconeSource({ index, host, controller, namespace }: PineconeOptions, apiKey: string): Source {
  if ((index === undefined) === (host === undefined))
    throw new TributaryError('USAGE', 'give --index with the name of the index, or --host with its address');
  const headers = { 'api-key': apiKey, 'x-pinecone-api-version': API_VERSION };
  const server = (option: string, address: string): SourceServer => ({
    what: 'Pinecone',
    base: serverAddress(option, address),
    headers,
  });
  const control = server('--controller', controller ?? CONTROLLER);
  let data: SourceServer | null = host === undefined ? null : server('--host', host);
  /** Finds the host of an index that was given by name. */
  const open = async (patience: Patience): Promise<{ at: SourceServer; metric: string | null }> => {
    if (index === undefined) return { at: data!, metric: null };
    const model = await callSource(control, `/indexes/${encodeURIComponent(index)}`, null, described, patience);
    data = server('the host of the index', model.host);
    return { at: data, metric: model.metric ?? null };
  };
  return {
    name: {
      kind: 'pinecone',
      ...(index === undefined ? { host: data!.base } : { controller: control.base, index }),
      ...(namespace === undefined ? {} : { namespace }),
    },
    async describe(patience) {
      const { at, metric } = await open(patience);
      return factsOf(await callSource(at, '/describe_index_stats', {}, stats, patience), metric, namespace);
    },
    pages: (cursor, facts, patience) => readPages(data!, cursor, facts, patience),
    async count(facts, patience) {
      const { namespaces } = await callSource(data!, '/describe_index_stats', {}, stats, patience);
      return countOf(namespaces, facts.namespaces);
    },
    close: () => Promise.resolve(),
  };
}

const toOwn = (name: string): string => (name === DEFAULT ? '' : name);

function factsOf(
  { dimension, metric, namespaces }: z.infer<typeof stats>,
  said: string | null,
  wanted: string | undefined,
): SourceFacts {
  const names = wanted === undefined ? Object.keys(namespaces).map(toOwn).toSorted() : [toOwn(wanted)];
  const parsed = metricShape.safeParse(said ?? metric);
  return {
    dimension: dimension ?? null,
    metric: parsed.success ? parsed.data : null,
    total: countOf(namespaces, names),
    namespaces: names,
    version: '',
  };
}

const countOf = (namespaces: z.infer<typeof stats>['namespaces'], names: readonly string[]): number =>
  Object.entries(namespaces)
    .filter(([name]) => names.includes(toOwn(name)))
    .reduce((sum, [, { vectorCount }]) => sum + vectorCount, 0);

async function* readPages(at: SourceServer, from: string | null, facts: SourceFacts, patience: Patience): AsyncGenerator<Page> {
  const cursor: Cursor | null = from === null ? null : readShape(cursorShape, JSON.parse(from));
  if (cursor !== null && 'end' in cursor) return;
  for (const [place, namespace] of facts.namespaces.entries()) {
    if (cursor !== null && namespace < cursor.namespace) continue;
    let after = cursor?.namespace === namespace ? cursor.after : null;
    do {
      const { ids, next } = await listIds(at, namespace, after, pageSize(facts), patience);
      const page = await fetchRecords(at, namespace, ids, patience);
      after = next;
      const following = facts.namespaces[place + 1];
      const rest: Cursor =
        next !== null
          ? { namespace, after: next }
          : following === undefined
            ? { end: true }
            : { namespace: following, after: null };
      yield { namespace, ...page, cursor: JSON.stringify(rest), done: null };
    } while (after !== null);
  }
}

/** Records of a page: whole pages of ids, and not too many bytes of vectors. */
function pageSize({ dimension }: SourceFacts): number {
  const fitting = Math.floor(pageBytesMax / (4 * (dimension ?? 1)) / pineconePageMax) * pineconePageMax;
  return Math.max(pineconePageMax, Math.min(pageRecordsMax, fitting));
}

async function listIds(at: SourceServer, namespace: string, from: string | null, size: number, patience: Patience) {
  const ids: string[] = [];
  let [after, empty] = [from, 0];
  do {
    const query = new URLSearchParams({ limit: String(pineconePageMax), ...placeOf(namespace) });
    if (after !== null) query.set('paginationToken', after);
    const { vectors, pagination } = await callSource(at, `/vectors/list?${query}`, null, listed, patience);
    ids.push(...vectors.map(({ id }) => id));
    const next = pagination?.next ?? null;
    empty = vectors.length === 0 ? empty + 1 : 0;
    if (next !== null && (next === after || empty > emptyListsMax))
      throw new TributaryError('SOURCE_RESPONSE', 'Pinecone lists the same page again, or empty pages without an end');
    after = next;
  } while (after !== null && ids.length < size);
  return { ids, next: after };
}

const placeOf = (namespace: string): { namespace?: string } => (namespace === '' ? {} : { namespace });

async function fetchRecords(at: SourceServer, namespace: string, ids: readonly string[], patience: Patience) {
  const calls = inAddresses(ids);
  const page: Pick<Page, 'records' | 'refused'> = { records: [], refused: [] };
  for (let first = 0; first < calls.length; first += pineconeFetchesMax) {
    const answers = await Promise.all(
      calls.slice(first, first + pineconeFetchesMax).map((some) => {
        const query = new URLSearchParams([...some.map((id) => ['ids', id]), ...Object.entries(placeOf(namespace))]);
        return callSource(at, `/vectors/fetch?${query}`, null, fetched, patience);
      }),
    );
    for (const { vectors } of answers) page.records.push(...Object.values(vectors).map(toSourceRecord));
  }
  return page;
}

/** Ids that fit in one address. */
function inAddresses(ids: readonly string[]): string[][] {
  const calls: string[][] = [];
  let chars = Infinity;
  for (const id of ids) {
    const size = encodeURIComponent(id).length + 5;
    if (chars + size > pineconeIdsCharsMax || calls.at(-1)!.length >= pineconePageMax) {
      calls.push([]);
      chars = 0;
    }
    calls.at(-1)!.push(id);
    chars += size;
  }
  return calls;
}

type Fetched = z.infer<typeof fetched>['vectors'][string];

function toSourceRecord({ id, values = [], sparseValues, metadata }: Fetched): SourceRecord {
  const vector = values.length === 0 ? null : Float32Array.from(values);
  return { id, vector, sparse: sparseValues ?? null, text: null, metadata: metadata ?? {} };
}
