import { TributaryError, type Metric } from '@tributary/schemas';
import { z } from 'zod';
import { chromaPageMax } from '../limits.ts';
import type { Patience } from '../retry.ts';
import { refuse } from '../to-record.ts';
import type { Page, Source, SourceFacts } from '../types.ts';
import { pageSize } from './page-size.ts';
import { components, fields, readShape } from './shapes.ts';
import { callSource, serverAddress, type SourceServer } from './source-http.ts';

export interface ChromaOptions {
  collection: string;
  url: string;
  tenant: string;
  database: string;
}

const space = z.object({ space: z.string().nullish() }).nullish();
// Servers may add members, so these shapes are not strict.
const described = z.object({
  id: z.string().min(1),
  dimension: z.number().int().min(1).nullish(),
  configuration_json: z.object({ hnsw: space, spann: space }).nullish(),
  // Where servers before 1.0 kept the metric.
  metadata: fields.nullish(),
});
const listOf = <T extends z.ZodType>(item: T) => z.array(item.nullable()).nullish();
const gotten = z.object({
  ids: z.array(z.string()),
  embeddings: listOf(components),
  documents: listOf(z.string()),
  metadatas: listOf(fields),
});
const cursorShape = z.strictObject({ offset: z.number().int().min(0) });
const METRICS: Readonly<Record<string, Metric>> = { l2: 'euclidean', cosine: 'cosine', ip: 'dotproduct' };

/** A collection of Chroma, by version 2 of its HTTP API. Its documents are the texts. */
export function chromaSource({ collection, url, tenant, database }: ChromaOptions, apiKey: string | undefined): Source {
  const server: SourceServer = {
    what: 'Chroma',
    base: serverAddress('--url', url),
    headers: apiKey === undefined ? {} : { 'x-chroma-token': apiKey },
  };
  const folder = `/api/v2/tenants/${encodeURIComponent(tenant)}/databases/${encodeURIComponent(database)}/collections`;
  let path = '';
  const count = (patience: Patience) => callSource(server, `${path}/count`, null, z.number().int().min(0), patience);
  return {
    name: { kind: 'chroma', url: server.base, tenant, database, collection },
    async describe(patience) {
      const facts = await callSource(server, `${folder}/${encodeURIComponent(collection)}`, null, described, patience);
      path = `${folder}/${encodeURIComponent(facts.id)}`;
      const total = await count(patience);
      // A collection that is made again has another id.
      return { dimension: facts.dimension ?? null, metric: metricOf(facts), total, namespaces: [''], version: facts.id };
    },
    pages: (cursor, facts, patience) => readPages(server, path, { cursor, facts, patience }),
    count: (_, patience) => count(patience),
    close: () => Promise.resolve(),
  };
}

function metricOf({ configuration_json: settings, metadata }: z.infer<typeof described>): Metric | null {
  // Chroma's own default is l2.
  const named = settings?.hnsw?.space ?? settings?.spann?.space ?? metadata?.['hnsw:space'] ?? 'l2';
  return typeof named === 'string' ? (METRICS[named] ?? null) : null;
}

async function* readPages(
  server: SourceServer,
  path: string,
  { cursor, facts, patience }: { cursor: string | null; facts: SourceFacts; patience: Patience },
): AsyncGenerator<Page> {
  const limit = pageSize(facts.dimension, chromaPageMax);
  let offset = cursor === null ? 0 : readShape(cursorShape, JSON.parse(cursor)).offset;
  for (;;) {
    const body = { include: ['embeddings', 'documents', 'metadatas'], limit, offset };
    const answer = await callSource(server, `${path}/get`, body, gotten, patience);
    if (answer.ids.length === 0) return;
    offset += answer.ids.length;
    yield { namespace: '', ...toRecords(answer), cursor: JSON.stringify({ offset }), done: null };
  }
}

function toRecords({ ids, embeddings, documents, metadatas }: z.infer<typeof gotten>): Pick<Page, 'records' | 'refused'> {
  for (const list of [embeddings, documents, metadatas]) {
    if (list != null && list.length !== ids.length)
      throw new TributaryError('SOURCE_RESPONSE', 'Chroma answered with lists of different lengths');
  }
  const page: Pick<Page, 'records' | 'refused'> = { records: [], refused: [] };
  for (const [at, id] of ids.entries()) {
    const vector = embeddings?.[at];
    if (vector == null) page.refused.push(refuse(id, 'it has no vector'));
    else
      page.records.push({
        id,
        vector: Float32Array.from(vector),
        text: documents?.[at] ?? null,
        metadata: metadatas?.[at] ?? {},
      });
  }
  return page;
}
