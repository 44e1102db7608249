import { TributaryError, type Metric } from '@tributary/schemas';
import { z } from 'zod';
import type { Patience } from '../retry.ts';
import { refuse } from '../to-record.ts';
import type { Page, Source, SourceFacts } from '../types.ts';
import { pageSize } from './page-size.ts';
import { components, fields, readShape } from './shapes.ts';
import { callSource, serverAddress, type SourceServer } from './source-http.ts';

export interface QdrantOptions {
  collection: string;
  url: string;
  /** Name of the vector, where points have several. */
  vector?: string;
}

/** Unsigned integers or UUIDs. */
const pointId = z.union([z.number(), z.string()]);
const vectorParams = z.object({ size: z.number().int().min(1), distance: z.string() });
// Servers may add members, so these shapes are not strict.
const described = z.object({
  result: z.object({
    config: z.object({
      params: z.object({ vectors: z.union([vectorParams, z.record(z.string(), vectorParams)]).nullish() }),
    }),
  }),
});
const counted = z.object({ result: z.object({ count: z.number().int().min(0) }) });
const scrolled = z.object({
  result: z.object({
    points: z.array(z.object({ id: pointId, payload: fields.nullish(), vector: z.unknown() })),
    next_page_offset: pointId.nullish(),
  }),
});
const cursorShape = z.union([z.strictObject({ offset: pointId }), z.strictObject({ end: z.literal(true) })]);
const METRICS: Readonly<Record<string, Metric>> = { Cosine: 'cosine', Euclid: 'euclidean', Dot: 'dotproduct' };

/** A collection of Qdrant, by its scroll API. */
export function qdrantSource({ collection, url, vector }: QdrantOptions, apiKey: string | undefined): Source {
  const server: SourceServer = {
    what: 'Qdrant',
    base: serverAddress('--url', url),
    headers: apiKey === undefined ? {} : { 'api-key': apiKey },
  };
  const path = `/collections/${encodeURIComponent(collection)}`;
  const count = async (patience: Patience) =>
    (await callSource(server, `${path}/points/count`, { exact: true }, counted, patience)).result.count;
  return {
    name: { kind: 'qdrant', url: server.base, collection, ...(vector === undefined ? {} : { vector }) },
    async describe(patience) {
      const { result } = await callSource(server, path, null, described, patience);
      const { size, distance } = chooseVector(result.config.params.vectors ?? {}, vector);
      const metric = METRICS[distance];
      if (metric === undefined)
        throw new TributaryError('IMPORT_MISMATCH', `the collection ranks by ${distance}, which an index cannot do`);
      return { dimension: size, metric, total: await count(patience), namespaces: [''], version: '' };
    },
    pages: (cursor, facts, patience) => readPages(server, path, vector, { cursor, facts, patience }),
    count: (_, patience) => count(patience),
    close: () => Promise.resolve(),
  };
}

type Vectors = z.infer<typeof vectorParams> | Record<string, z.infer<typeof vectorParams>>;

/** @throws TributaryError USAGE when it is not clear which one is meant */
function chooseVector(vectors: Vectors, name: string | undefined): z.infer<typeof vectorParams> {
  const single = vectorParams.safeParse(vectors);
  if (single.success && name === undefined) return single.data;
  const named = single.success ? {} : (vectors as Record<string, z.infer<typeof vectorParams>>);
  const names = Object.keys(named);
  const chosen = name === undefined ? undefined : Object.entries(named).find(([one]) => one === name)?.[1];
  if (chosen !== undefined) return chosen;
  const there =
    names.length === 0
      ? 'there is one vector without a name, or none that is dense'
      : `there are ${names.slice(0, 20).join(', ')}`;
  throw new TributaryError('USAGE', `--vector takes the name of a vector of the collection; ${there}`);
}

async function* readPages(
  server: SourceServer,
  path: string,
  name: string | undefined,
  { cursor, facts, patience }: { cursor: string | null; facts: SourceFacts; patience: Patience },
): AsyncGenerator<Page> {
  const limit = pageSize(facts.dimension);
  const from = cursor === null ? null : readShape(cursorShape, JSON.parse(cursor));
  if (from !== null && 'end' in from) return;
  let offset = from?.offset ?? null;
  do {
    const body = {
      limit,
      with_payload: true,
      with_vector: name === undefined ? true : [name],
      ...(offset === null ? {} : { offset }),
    };
    const { points, next_page_offset: next = null } = (
      await callSource(server, `${path}/points/scroll`, body, scrolled, patience)
    ).result;
    if (next !== null && (points.length === 0 || next === offset || !isExact(next)))
      throw new TributaryError('SOURCE_RESPONSE', `Qdrant's next page begins at ${next}, from where it cannot be read`);
    offset = next;
    yield {
      namespace: '',
      ...toRecords(points, name),
      cursor: JSON.stringify(next === null ? { end: true } : { offset: next }),
      done: null,
    };
  } while (offset !== null);
}

/** Integers beyond 2^53 are not read exactly. */
const isExact = (id: string | number): boolean => typeof id === 'string' || Number.isSafeInteger(id);

function toRecords(points: z.infer<typeof scrolled>['result']['points'], name: string | undefined) {
  const page: Pick<Page, 'records' | 'refused'> = { records: [], refused: [] };
  for (const { id, payload, vector } of points) {
    const dense = components.safeParse(name === undefined ? vector : (vector as Record<string, unknown> | null)?.[name]);
    if (!isExact(id)) page.refused.push(refuse(String(id), 'its id is beyond 2^53, and cannot be read exactly'));
    else if (!dense.success) page.refused.push(refuse(String(id), 'it has no dense vector of that name'));
    else page.records.push({ id: String(id), vector: Float32Array.from(dense.data), text: null, metadata: payload ?? {} });
  }
  return page;
}
