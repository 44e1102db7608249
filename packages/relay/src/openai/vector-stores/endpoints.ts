import { checkShape } from '@tributary/schemas';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Endpoint } from '../../gateway/endpoint.ts';
import { OWN_READ, OWN_WRITE, WRITER } from '../../gateway/routes/own/codes.ts';
import { pageQuery, toList, type Page, type PageQuery } from '../page.ts';
import { checkParams } from '../param-error.ts';
import { createStoreBody, entryOf, onceEach, updateStoreBody } from './bodies.ts';
import { toStore, type StoreView } from './objects.ts';
import { searchBody, searchOf, type Found, type Search } from './search.ts';
import type { NewEntry, StoreRow } from './types.ts';

const LIST_LIMIT_MAX = 100;
const LIST_LIMIT = 20;
export const listQuery = pageQuery(LIST_LIMIT_MAX, LIST_LIMIT);
const path = z.object({ id: z.string().max(128) });

export const storeOf = (request: FastifyRequest): string => checkShape(path, request.params, 'path').id;
export const STORE_READ = [...OWN_READ, 'FILE_NOT_FOUND'] as const;
export const STORE_WRITE = [
  ...OWN_WRITE,
  ...WRITER,
  'FILE_NOT_FOUND',
  'WRITE_TOO_LARGE',
  'RECORD_INVALID',
  'METADATA_INVALID',
] as const;

type Description = Pick<StoreRow, 'name' | 'description' | 'metadata'>;

export const createStoreEndpoint: Endpoint<{ described: Description; entries: NewEntry[] }, StoreView> = {
  id: 'openai-create-vector-store',
  summary: 'Makes a vector store.',
  body: createStoreBody,
  replies: { 200: { description: 'The vector store.' } },
  errors: [...STORE_WRITE, 'INDEX_NAME', 'INDEX_EXISTS', 'LEDGER_WRITE'],
  parse(request) {
    const { file_ids: ids, name, description, metadata, ...terms } = checkParams(createStoreBody, request.body ?? {});
    return {
      described: { name: name ?? '', description: description ?? '', metadata: metadata ?? null },
      entries: onceEach((ids ?? []).map((file) => entryOf(file, terms))),
    };
  },
  shape: toStore,
};

export const listStoresEndpoint: Endpoint<PageQuery, Page<StoreView>> = {
  id: 'openai-vector-stores',
  summary: 'Lists vector stores.',
  replies: { 200: { description: 'The vector stores.' } },
  errors: STORE_READ,
  parse: (request) => checkParams(listQuery, request.query),
  shape: (page) => toList(page, toStore),
};

export const getStoreEndpoint: Endpoint<string, StoreView> = {
  id: 'openai-vector-store',
  summary: 'Describes a vector store.',
  replies: { 200: { description: 'The vector store.' } },
  errors: STORE_READ,
  parse: storeOf,
  shape: toStore,
};

export const updateStoreEndpoint: Endpoint<{ id: string; change: Partial<Description> }, StoreView> = {
  id: 'openai-update-vector-store',
  summary: 'Changes name and metadata of a vector store.',
  body: updateStoreBody,
  replies: { 200: { description: 'The vector store.' } },
  errors: STORE_WRITE,
  parse(request) {
    const { name, metadata } = checkParams(updateStoreBody, request.body ?? {});
    const change = { ...(name === undefined ? {} : { name: name ?? '' }), ...(metadata === undefined ? {} : { metadata }) };
    return { id: storeOf(request), change };
  },
  shape: toStore,
};

export const deleteStoreEndpoint: Endpoint<string, string> = {
  id: 'openai-delete-vector-store',
  summary: 'Deletes a vector store with its index.',
  replies: { 200: { description: 'The id of the vector store that is gone.' } },
  errors: [...STORE_WRITE, 'LEDGER_WRITE', 'INDEX_PROTECTED'],
  parse: storeOf,
  shape: (id) => ({ id, object: 'vector_store.deleted', deleted: true }),
};

/** The results with the rows of their files. */
export interface Shown extends Found {
  filename: string;
  attributes: Readonly<Record<string, string | number | boolean>> | null;
}

export const searchEndpoint: Endpoint<{ id: string; search: Search }, Shown[]> = {
  id: 'openai-search-vector-store',
  summary: 'Finds chunks in a vector store.',
  body: searchBody,
  replies: { 200: { description: 'The chunks, the best first.' } },
  errors: [...STORE_READ, 'FILTER_INVALID', 'QUERY_INVALID', 'EMBED_FAILED', 'MODEL_NOT_FOUND', 'SNAPSHOT_BEHIND'],
  parse: (request) => ({ id: storeOf(request), search: searchOf(checkParams(searchBody, request.body)) }),
  shape: (found, { search }) => ({
    object: 'vector_store.search_results.page',
    search_query: search.queries,
    data: found.map(({ file, filename, attributes, result }) => ({
      file_id: file,
      filename,
      score: result.relevance,
      attributes,
      content: [{ type: 'text', text: result.text }],
    })),
    has_more: false,
    next_page: null,
  }),
};
