import type { FastifyRequest } from 'fastify';
import type { Permission } from '@tributary/schemas';
import type { Caller } from '../../api-keys/types.ts';
import type { Access } from '../../gateway/access.ts';
import { row } from '../../gateway/endpoint.ts';
import type { GatewayRoute } from '../../gateway/types.ts';
import type { OwnIndexes } from '../../own/types.ts';
import { findFile } from '../files/endpoints.ts';
import type { FileStore } from '../files/file-store.ts';
import { pageOf } from '../page.ts';
import {
  createStoreEndpoint,
  deleteStoreEndpoint,
  getStoreEndpoint,
  listStoresEndpoint,
  searchEndpoint,
  updateStoreEndpoint,
  type Shown,
} from './endpoints.ts';
import {
  addBatchEndpoint,
  addStoreFileEndpoint,
  cancelBatchEndpoint,
  dropStoreFileEndpoint,
  getBatchEndpoint,
  getStoreFileEndpoint,
  listBatchFilesEndpoint,
  listStoreFilesEndpoint,
  setAttributesEndpoint,
  storeFileContentEndpoint,
} from './file-endpoints.ts';
import type { BatchView, StoreView } from './objects.ts';
import { search, type Search } from './search.ts';
import type { Adding } from './state.ts';
import type { VectorStores } from './stores.ts';
import type { BatchRow, EntryRow, NewEntry, Status } from './types.ts';

export interface VectorStoreParts {
  stores: VectorStores;
  files: FileStore;
  own: OwnIndexes;
}

/** Vector stores, their files and batches. */
export function vectorStoreRoutes(parts: VectorStoreParts): GatewayRoute[] {
  return [...storeRoutes(parts), ...fileRoutes(parts), ...batchRoutes(parts)];
}

const ALL = '/v1/vector_stores';
const ONE = `${ALL}/:id`;

function storeRoutes(parts: VectorStoreParts): GatewayRoute[] {
  const { stores, own } = parts;
  const [read, write, admin] = accesses(own);
  const view = (id: string): StoreView => ({ store: stores.get(id), entries: stores.entries(id) });
  return [
    row(['POST', ALL], { permission: 'admin' }, createStoreEndpoint, async ({ described, entries }, caller) => {
      const adding = withFiles(parts.files, entries, caller);
      const { id } = await stores.create(described, (index) => caller.require('admin', index));
      if (adding.length > 0) await stores.addFiles(id, adding);
      return view(id);
    }),
    row(['GET', ALL], { permission: 'read' }, listStoresEndpoint, (page, caller) => {
      const mine = stores.all().filter(({ index }) => caller.covers(own.idOf(index) ?? index));
      const { items, more } = pageOf(mine, page);
      return { items: items.map(({ id }) => view(id)), more };
    }),
    row(['GET', ONE], read, getStoreEndpoint, view),
    row(['POST', ONE], write, updateStoreEndpoint, async ({ id, change }) => {
      await stores.update(id, change);
      return view(id);
    }),
    row(['DELETE', ONE], admin, deleteStoreEndpoint, async (id) => {
      await stores.remove(id);
      return id;
    }),
    row(['POST', `${ONE}/search`], read, searchEndpoint, ({ id, search: asked }) => find(parts, id, asked)),
  ];
}

async function find({ stores, own }: VectorStoreParts, id: string, asked: Search): Promise<Shown[]> {
  const { index } = stores.get(id);
  const found = await search(own, index, asked);
  stores.touch(id);
  const entries = new Map(stores.entries(id).map((entry) => [entry.id, entry]));
  return found.map((one) => {
    const entry = entries.get(one.file);
    return { ...one, filename: entry?.filename ?? one.document, attributes: entry?.attributes ?? null };
  });
}

function fileRoutes({ stores, files, own }: VectorStoreParts): GatewayRoute[] {
  const [read, write] = accesses(own);
  const [all, one] = [`${ONE}/files`, `${ONE}/files/:member`];
  return [
    row(['POST', all], write, addStoreFileEndpoint, async ({ id, entry }, caller) => {
      const [made] = await stores.addFiles(id, withFiles(files, [entry], caller));
      return made!;
    }),
    row(['GET', all], read, listStoreFilesEndpoint, ({ id, page }) => listed(stores.entries(id), page)),
    row(['GET', one], read, getStoreFileEndpoint, ({ id, member }) => stores.entry(id, member)),
    row(['POST', one], write, setAttributesEndpoint, ({ id, member, attributes }, { writer }) =>
      stores.setAttributes(id, member, attributes, writer),
    ),
    row(['DELETE', one], write, dropStoreFileEndpoint, async ({ id, member }, { writer }) => {
      await stores.dropFile(id, member, writer);
      return member;
    }),
    row(['GET', `${one}/content`], read, storeFileContentEndpoint, ({ id, member }) => stores.content(id, member)),
  ];
}

function batchRoutes({ stores, files, own }: VectorStoreParts): GatewayRoute[] {
  const [read, write] = accesses(own);
  const [all, one] = [`${ONE}/file_batches`, `${ONE}/file_batches/:member`];
  const rowsOf = (batch: BatchRow): (EntryRow | undefined)[] => {
    const rows = new Map(stores.entries(batch.store).map((entry) => [entry.id, entry]));
    return batch.files.map((file) => rows.get(file));
  };
  const view = (batch: BatchRow): BatchView => ({ batch, statuses: rowsOf(batch).map((entry) => entry?.status ?? 'cancelled') });
  return [
    row(['POST', all], write, addBatchEndpoint, async ({ id, entries }, caller) =>
      view(await stores.addBatch(id, withFiles(files, entries, caller))),
    ),
    row(['GET', one], read, getBatchEndpoint, ({ id, member }) => view(stores.batch(id, member))),
    row(['GET', `${one}/files`], read, listBatchFilesEndpoint, ({ id, member, page }) =>
      listed(
        rowsOf(stores.batch(id, member)).filter((entry) => entry !== undefined),
        page,
      ),
    ),
    row(['POST', `${one}/cancel`], write, cancelBatchEndpoint, async ({ id, member }, { writer }) =>
      view(await stores.cancelBatch(id, member, writer)),
    ),
  ];
}

const listed = (
  entries: readonly EntryRow[],
  { filter, ...page }: Parameters<typeof pageOf>[1] & { filter?: Status | undefined },
) =>
  pageOf(
    entries.filter(({ status }) => filter === undefined || status === filter),
    page,
  );

/**
 * The files with their rows.
 *
 * @throws RelayError FILE_NOT_FOUND, for files of other keys too
 */
const withFiles = (files: FileStore, entries: readonly NewEntry[], caller: Caller): Adding[] =>
  entries.map((entry) => ({ ...entry, row: findFile(files, entry.file, caller), writer: caller.writer }));

function accesses(own: OwnIndexes): [read: Access, write: Access, admin: Access] {
  const may = (permission: Permission): Access => ({ permission, index: (request) => indexInPath(request, own) });
  return [may('read'), may('write'), may('admin')];
}

/** The index of the vector store in a path. */
function indexInPath({ params }: FastifyRequest, own: OwnIndexes): string {
  const { id } = params as { id: string };
  const name = id.replace(/^vs_/, 'vs-');
  return own.idOf(name) ?? name;
}
