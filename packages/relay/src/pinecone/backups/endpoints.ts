import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { protectionShape, readCapacityShape, tagsShape, checkReadCapacity } from '../control/create-request.ts';
import { toModel } from '../control/index-model.ts';
import { keptOf } from '../control/kept.ts';
import { nameOf } from '../control/indexes.ts';
import { pageLimit } from '../data/read.ts';
import { optional, readBody, readValue, toToken, token } from '../parts.ts';
import type { Endpoint } from '../row.ts';
import type { AskedBackup, AskedRestore } from './backups.ts';
import type { BackupRow, RestoreRow } from './types.ts';

const path = z.object({ id: z.string().min(1).max(128) });
const idOf = ({ params }: FastifyRequest): string => readValue(path, params).id;
const timeOf = (ms: number): string => new Date(ms).toISOString();

/** Of the newest first; a page begins after the id in its token. */
interface AskedPage {
  limit: number;
  after: string | undefined;
}
interface Page<Row> {
  rows: Row[];
  next: string | null;
}
const pageQuery = z.strictObject({ limit: pageLimit, paginationToken: token, include_deleted: z.unknown().optional() });

function pageOf({ query }: FastifyRequest): AskedPage {
  const { limit, paginationToken: after } = readValue(pageQuery, query);
  return { limit, after };
}

/** One page of rows. */
export function cut<Row extends { id: string; created: number }>(all: readonly Row[], { limit, after }: AskedPage): Page<Row> {
  const sorted = all.toSorted((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1));
  const from = after === undefined ? 0 : sorted.findIndex(({ id }) => id === after) + 1;
  const rows = sorted.slice(from, from + limit);
  return { rows, next: sorted.length > from + limit ? rows.at(-1)!.id : null };
}

const listed = <Row>({ rows, next }: Page<Row>, show: (row: Row) => object): object => ({
  data: rows.map(show),
  ...(next === null ? {} : { pagination: { next: toToken(next) } }),
});

function toBackup({ id, name, description, status, source, index, tags, attributes, content, created }: BackupRow): object {
  const { dimension = 0, metric = 'cosine', vectors = 'dense', model = null } = index;
  const kept = keptOf({ name: source.name, attributes, model: { id: model ?? 'unspecified' } });
  const shown = { name: source.name, id: source.id, dimension, metric, vectors, model, protected: false, tags };
  const { schema } = toModel({ ...shown, ...kept, schema: kept.schema ?? null }, '') as { schema: object };
  return {
    backup_id: id,
    source_index_name: source.name,
    source_index_id: source.id,
    ...(name === null ? {} : { name }),
    ...(description === null ? {} : { description }),
    status,
    cloud: kept.cloud,
    region: kept.region,
    ...(dimension === 0 ? {} : { dimension }),
    metric,
    schema,
    ...(content === null
      ? {}
      : { record_count: content.records, namespace_count: content.namespaces, size_bytes: content.bytes }),
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
    created_at: timeOf(created),
  };
}

function toRestore({ id, backup, target, status, records, of, created, completed }: RestoreRow): object {
  return {
    restore_job_id: id,
    backup_id: backup,
    target_index_name: target.name,
    target_index_id: target.id,
    status,
    created_at: timeOf(created),
    ...(completed === null ? {} : { completed_at: timeOf(completed) }),
    percent_complete: status === 'Completed' || of === 0 ? 100 : Math.floor((100 * records) / of),
  };
}

const text = (charsMax: number) => optional(z.string().max(charsMax)).transform((value) => value ?? null);
const makeBody = z.strictObject({ name: text(256), description: text(1_024) });

export const makeEndpoint: Endpoint<AskedBackup & { index: string }, BackupRow> = {
  status: 201,
  parse: (request) => ({ ...readBody(makeBody, request), index: nameOf(request) }),
  shape: toBackup,
};
export const listOfIndexEndpoint: Endpoint<AskedPage & { index: string }, Page<BackupRow>> = {
  parse: (request) => ({ ...pageOf(request), index: nameOf(request) }),
  shape: (page) => listed(page, toBackup),
};
export const listEndpoint: Endpoint<AskedPage, Page<BackupRow>> = { parse: pageOf, shape: (page) => listed(page, toBackup) };
export const describeEndpoint: Endpoint<string, BackupRow> = { parse: idOf, shape: toBackup };
export const removeEndpoint: Endpoint<string, void> = { status: 202, parse: idOf, shape: () => undefined };

const restoreBody = z.strictObject({
  name: z.string().max(512),
  tags: optional(tagsShape),
  deletion_protection: optional(protectionShape),
  read_capacity: optional(readCapacityShape),
});

export const restoreEndpoint: Endpoint<AskedRestore & { id: string }, RestoreRow> = {
  status: 202,
  parse(request) {
    const { name, tags, deletion_protection: protection, read_capacity } = readBody(restoreBody, request);
    checkReadCapacity(read_capacity);
    return { id: idOf(request), name, tags, protected: protection === 'enabled' };
  },
  shape: ({ id, target }) => ({ restore_job_id: id, index_id: target.id }),
};
export const listRestoresEndpoint: Endpoint<AskedPage, Page<RestoreRow>> = {
  parse: pageOf,
  shape: (page) => listed(page, toRestore),
};
export const describeRestoreEndpoint: Endpoint<string, RestoreRow> = { parse: idOf, shape: toRestore };
