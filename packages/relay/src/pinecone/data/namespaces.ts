import { TributaryError, type VectorKinds } from '@tributary/schemas';
import { StoreError, type Index } from '@tributary/store';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RelayError } from '../../errors.ts';
import { keptOf, toAttributes } from '../control/kept.ts';
import { emptyNamespacesMax } from '../limits.ts';
import { indexOf, namespace, namespaceOf, optional, readBody, readValue, token, toToken } from '../parts.ts';
import { committed, reconciled, type Endpoint } from '../row.ts';
import { versionOf } from '../version.ts';
import { filterShape } from './query.ts';
import { pageLimit } from './read.ts';

export interface Stats {
  namespaces: Record<string, number>;
  records: number;
  dimension: number;
  metric: string;
  vectors: VectorKinds;
  sequence: number;
}

const statsBody = z.strictObject({ filter: filterShape });

export const statsEndpoint: Endpoint<string, Stats> = {
  parse(request) {
    if (readBody(statsBody, request).filter !== null)
      throw new TributaryError('INPUT_SHAPE', 'Serverless indexes do not support describing statistics with a metadata filter');
    return indexOf(request);
  },
  shape({ namespaces, records, dimension, metric, vectors }, _, request) {
    const counts = Object.entries(namespaces).map(([name, vectorCount]) => [shownName(name, request), { vectorCount }] as const);
    return {
      namespaces: Object.fromEntries(counts),
      ...(vectors === 'sparse' ? {} : { dimension }),
      indexFullness: 0,
      totalVectorCount: records,
      metric,
      vectorType: vectors === 'sparse' ? 'sparse' : 'dense',
    };
  },
  headers: reconciled,
};

const shownName = (name: string, request: FastifyRequest): string => (name === '' ? versionOf(request).defaultNamespace : name);

/** A namespace and its records. */
export interface Described {
  name: string;
  records: number;
}

function toDescription({ name, records }: Described, request: FastifyRequest): object {
  return { name: shownName(name, request), record_count: versionOf(request).countsAsText ? String(records) : records };
}

interface AskedNamespaces {
  index: string;
  limit: number;
  after: string | undefined;
  prefix: string;
}

const listQuery = z.strictObject({ limit: pageLimit, paginationToken: token, prefix: optional(z.string().max(512)) });

export const listNamespacesEndpoint: Endpoint<AskedNamespaces, { all: Described[]; sequence: number }> = {
  parse(request) {
    const { limit, paginationToken: after, prefix = '' } = readValue(listQuery, request.query);
    return { index: indexOf(request), limit, after, prefix };
  },
  shape({ all }, { limit, after, prefix }, request) {
    const matching = all.filter(({ name }) => shownName(name, request).startsWith(prefix));
    const rest = after === undefined ? matching : matching.filter(({ name }) => name > after);
    const page = rest.slice(0, limit);
    return {
      namespaces: page.map((one) => toDescription(one, request)),
      ...(rest.length > limit ? { pagination: { next: toToken(page.at(-1)!.name) } } : {}),
      total_count: matching.length,
    };
  },
  headers: reconciled,
};

interface AskedNamespace {
  index: string;
  namespace: string;
}

export const describeNamespaceEndpoint: Endpoint<AskedNamespace, Described> = {
  parse: (request) => ({ index: indexOf(request), namespace: namespaceOf(request) }),
  shape: (one, _, request) => toDescription(one, request),
};

const createBody = z.strictObject({
  name: namespace.refine((name) => name !== '', 'Namespace must have a name, and not that of the default one'),
  /** Which metadata can be filtered. Here all of them can. */
  schema: z.unknown().optional(),
});

export const createNamespaceEndpoint: Endpoint<AskedNamespace, Described> = {
  parse: (request) => ({ index: indexOf(request), namespace: readBody(createBody, request).name }),
  shape: (one, _, request) => toDescription(one, request),
};

export const deleteNamespaceEndpoint: Endpoint<AskedNamespace, { sequence: number }> = {
  parse: (request) => ({ index: indexOf(request), namespace: namespaceOf(request) }),
  shape: () => ({}),
  headers: committed,
};

/** In order of their names: namespaces with records, and those that were created without. */
export function namespacesOf(index: Index): { all: Described[]; sequence: number } {
  const info = index.info();
  const counts = new Map(keptOf(info).namespaces.map((name) => [name, 0]));
  for (const [name, records] of Object.entries(info.namespaces)) counts.set(name, records);
  const all = [...counts].map(([name, records]) => ({ name, records })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { all, sequence: info.sequence };
}

/** @throws RelayError NAMESPACE_NOT_FOUND */
export function namespaceIn(index: Index, name: string): Described {
  const found = namespacesOf(index).all.find((one) => one.name === name);
  if (found !== undefined) return found;
  if (name === '') return { name, records: 0 };
  throw new RelayError('NAMESPACE_NOT_FOUND', 'Namespace not found');
}

/**
 * On disk once resolved.
 *
 * @throws StoreError INDEX_EXISTS; TributaryError INPUT_SHAPE
 */
export async function createNamespace(index: Index, name: string): Promise<Described> {
  await index.setCard((present) => {
    const kept = keptOf(present);
    if (Object.hasOwn(index.info().namespaces, name) || kept.namespaces.includes(name))
      throw new StoreError('INDEX_EXISTS', `there is a namespace '${name}' already`);
    if (kept.namespaces.length >= emptyNamespacesMax)
      throw new TributaryError(
        'INPUT_SHAPE',
        `This node remembers ${emptyNamespacesMax} namespaces without records; write a record`,
      );
    return { attributes: toAttributes({ ...kept, namespaces: [...kept.namespaces, name] }, present.attributes) };
  });
  return { name, records: 0 };
}

/**
 * Deletes all records, then forgets the name.
 *
 * @throws RelayError NAMESPACE_NOT_FOUND, and the errors of a deletion
 */
export async function deleteNamespace(index: Index, name: string): Promise<{ sequence: number }> {
  namespaceIn(index, name);
  const { sequence } = await index.delete({ all: true }, name);
  const kept = keptOf(index.info());
  if (kept.namespaces.includes(name))
    await index.setCard((present) => {
      const now = keptOf(present);
      const namespaces = now.namespaces.filter((one) => one !== name);
      return { attributes: toAttributes({ ...now, namespaces }, present.attributes) };
    });
  return { sequence };
}
