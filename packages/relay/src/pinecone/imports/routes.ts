import type { Permission } from '@tributary/schemas';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Access } from '../../gateway/access.ts';
import type { GatewayRoute } from '../../gateway/types.ts';
import { pageLimit } from '../data/read.ts';
import { indexOf, optional, readBody, readValue, toToken, token } from '../parts.ts';
import type { Places } from '../place.ts';
import { row, type Endpoint } from '../row.ts';
import type { AskedImport, Imports } from './imports.ts';
import type { ImportRow } from './types.ts';

const path = z.object({ id: z.string().min(1).max(32) });
const memberOf = (request: FastifyRequest) => ({ index: indexOf(request), id: readValue(path, request.params).id });

const body = z.strictObject({
  uri: z.string().min(1).max(1_500),
  integrationId: z.unknown().optional(),
  errorMode: optional(z.strictObject({ onError: optional(z.string()) })),
});
const onError = z.enum(['continue', 'abort']);

const beginEndpoint: Endpoint<AskedImport & { index: string }, ImportRow> = {
  parse(request) {
    const { uri, errorMode } = readBody(body, request);
    // Clients write the mode with and without a capital letter.
    return { index: indexOf(request), uri, onError: readValue(onError, errorMode?.onError?.toLowerCase() ?? 'continue') };
  },
  shape: ({ id }) => ({ id }),
};

interface AskedList {
  index: string;
  limit: number;
  after: string | undefined;
}
const query = z.strictObject({ limit: pageLimit, paginationToken: token });
const listEndpoint: Endpoint<AskedList, { rows: ImportRow[]; next: string | null }> = {
  parse(request) {
    const { limit, paginationToken: after } = readValue(query, request.query);
    return { index: indexOf(request), limit, after };
  },
  shape: ({ rows, next }) => ({ data: rows.map(toImport), ...(next === null ? {} : { pagination: { next: toToken(next) } }) }),
};
const describeEndpoint: Endpoint<{ index: string; id: string }, ImportRow> = {
  parse: memberOf,
  shape: (found) => toImport(found),
};
const cancelEndpoint: Endpoint<{ index: string; id: string }, void> = { parse: memberOf, shape: () => ({}) };

function toImport({ id, uri, status, percent, records, error, created, finished }: ImportRow): object {
  return {
    id,
    uri,
    status,
    createdAt: new Date(created).toISOString(),
    ...(finished === null ? {} : { finishedAt: new Date(finished).toISOString() }),
    percentComplete: percent,
    recordsImported: records,
    ...(error === null ? {} : { error }),
  };
}

/** Bulk import of files on the node's machine, the newest first. */
export function importRoutes({ index }: Places, may: (permission: Permission) => Access, imports: Imports): GatewayRoute[] {
  const [all, one] = ['/i/:index/bulk/imports', '/i/:index/bulk/imports/:id'];
  return [
    row(['POST', all], may('write'), beginEndpoint, ({ index: name, ...asked }, caller) =>
      imports.begin(index(name, caller).info(), caller.writer, asked),
    ),
    row(['GET', all], may('read'), listEndpoint, ({ index: name, limit, after }, caller) => {
      const rows = imports.of(index(name, caller).info().id).toSorted((a, b) => Number(b.id) - Number(a.id));
      const rest = after === undefined ? rows : rows.filter(({ id }) => Number(id) < Number(after));
      const page = rest.slice(0, limit);
      return { rows: page, next: rest.length > limit ? page.at(-1)!.id : null };
    }),
    row(['GET', one], may('read'), describeEndpoint, ({ index: name, id }, caller) =>
      imports.get(index(name, caller).info().id, id),
    ),
    row(['DELETE', one], may('write'), cancelEndpoint, ({ index: name, id }, caller) =>
      imports.cancel(index(name, caller).info().id, id),
    ),
  ];
}
