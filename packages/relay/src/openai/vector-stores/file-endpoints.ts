import { checkShape } from '@tributary/schemas';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Endpoint } from '../../gateway/endpoint.ts';
import { toList, type Page, type PageQuery } from '../page.ts';
import { checkParams } from '../param-error.ts';
import { addBatchBody, addFileBody, attributesBody, batchEntries, entryOf } from './bodies.ts';
import { listQuery, STORE_READ, STORE_WRITE, storeOf } from './endpoints.ts';
import { toBatch, toEntry, type BatchView } from './objects.ts';
import { STATUSES, type Attributes, type EntryRow, type NewEntry, type Status } from './types.ts';

/** A file or batch of a store. */
export interface Member {
  id: string;
  member: string;
}
type EntriesQuery = PageQuery & { filter?: Status | undefined };

const path = z.object({ member: z.string().max(128) });
const memberOf = (request: FastifyRequest): Member => ({
  id: storeOf(request),
  member: checkShape(path, request.params, 'path').member,
});
const FILE = { 200: { description: 'The file of the vector store.' } };
const BATCH = { 200: { description: 'The batch.' } };
/** How soon a polling client asks again. Without it, clients wait five seconds. */
const POLL = { 'openai-poll-after-ms': '200' };

export const addStoreFileEndpoint: Endpoint<{ id: string; entry: NewEntry }, EntryRow> = {
  id: 'openai-add-vector-store-file',
  summary: 'Takes a file into a vector store; it is processed after the reply.',
  body: addFileBody,
  replies: FILE,
  errors: STORE_WRITE,
  parse(request) {
    const { file_id: file, ...terms } = checkParams(addFileBody, request.body);
    return { id: storeOf(request), entry: entryOf(file, terms) };
  },
  shape: toEntry,
};

const entriesQuery = listQuery.extend({ filter: z.enum(STATUSES).optional() });

export const listStoreFilesEndpoint: Endpoint<{ id: string; page: EntriesQuery }, Page<EntryRow>> = {
  id: 'openai-vector-store-files',
  summary: 'Lists the files of a vector store.',
  replies: { 200: { description: 'The files.' } },
  errors: STORE_READ,
  parse: (request) => ({ id: storeOf(request), page: checkParams(entriesQuery, request.query) }),
  shape: (page) => toList(page, toEntry),
};

export const listBatchFilesEndpoint: Endpoint<Member & { page: EntriesQuery }, Page<EntryRow>> = {
  ...listStoreFilesEndpoint,
  id: 'openai-file-batch-files',
  summary: 'Lists the files of a batch.',
  parse: (request) => ({ ...memberOf(request), page: checkParams(entriesQuery, request.query) }),
};

export const getStoreFileEndpoint: Endpoint<Member, EntryRow> = {
  id: 'openai-vector-store-file',
  summary: 'Describes a file of a vector store.',
  replies: FILE,
  errors: STORE_READ,
  headers: () => POLL,
  parse: memberOf,
  shape: toEntry,
};

export const setAttributesEndpoint: Endpoint<Member & { attributes: Attributes | null }, EntryRow> = {
  id: 'openai-update-vector-store-file',
  summary: 'Replaces the attributes of a file of a vector store.',
  body: attributesBody,
  replies: FILE,
  errors: STORE_WRITE,
  parse: (request) => ({ ...memberOf(request), attributes: checkParams(attributesBody, request.body).attributes }),
  shape: toEntry,
};

export const dropStoreFileEndpoint: Endpoint<Member, string> = {
  id: 'openai-delete-vector-store-file',
  summary: 'Deletes a file from a vector store; the file itself stays.',
  replies: { 200: { description: 'The id of the file.' } },
  errors: STORE_WRITE,
  parse: memberOf,
  shape: (id) => ({ id, object: 'vector_store.file.deleted', deleted: true }),
};

export const storeFileContentEndpoint: Endpoint<Member, string[]> = {
  id: 'openai-vector-store-file-content',
  summary: 'The texts of the chunks of a file.',
  replies: { 200: { description: 'The texts, in their order.' } },
  errors: [...STORE_READ, 'WRITE_TOO_LARGE'],
  parse: memberOf,
  shape: (texts) => ({
    object: 'vector_store.file_content.page',
    data: texts.map((text) => ({ type: 'text', text })),
    has_more: false,
    next_page: null,
  }),
};

export const addBatchEndpoint: Endpoint<{ id: string; entries: NewEntry[] }, BatchView> = {
  id: 'openai-add-file-batch',
  summary: 'Takes several files into a vector store; they are processed after the reply.',
  body: addBatchBody,
  replies: BATCH,
  errors: STORE_WRITE,
  parse: (request) => ({ id: storeOf(request), entries: batchEntries(checkParams(addBatchBody, request.body)) }),
  shape: toBatch,
};

export const getBatchEndpoint: Endpoint<Member, BatchView> = {
  id: 'openai-file-batch',
  summary: 'Describes a batch.',
  replies: BATCH,
  errors: STORE_READ,
  headers: () => POLL,
  parse: memberOf,
  shape: toBatch,
};

export const cancelBatchEndpoint: Endpoint<Member, BatchView> = {
  id: 'openai-cancel-file-batch',
  summary: 'Ends the files of a batch that are not done.',
  replies: BATCH,
  errors: STORE_WRITE,
  parse: memberOf,
  shape: toBatch,
};
