import type { Readable } from 'node:stream';
import { checkShape } from '@tributary/schemas';
import { z } from 'zod';
import type { Caller } from '../../api-keys/types.ts';
import { RelayError } from '../../errors.ts';
import type { Endpoint } from '../../gateway/endpoint.ts';
import { OWN_READ, OWN_WRITE } from '../../gateway/routes/own/codes.ts';
import { openAiFilesMax } from '../limits.ts';
import { checkParams } from '../param-error.ts';
import { pageOf, pageQuery, toList, type Page, type PageQuery } from '../page.ts';
import type { FileStore, Form } from './file-store.ts';
import { fileObject, PURPOSES, toFileObject, type FileRow } from './types.ts';

const path = z.strictObject({ id: z.string().max(128) });
const FILE = { 200: { description: 'The file.', schema: fileObject } };
const idOf = (request: { params: unknown }): string => checkShape(path, request.params, 'path').id;

export const addFileEndpoint: Endpoint<Form, FileRow> = {
  id: 'openai-add-file',
  summary: 'Keeps a file, on disk.',
  form: true,
  replies: FILE,
  errors: [...OWN_WRITE, 'WRITE_TOO_LARGE', 'CONTENT_TYPE'],
  parse: (request) => ({ body: request.body as Readable, headers: request.headers }),
  shape: toFileObject,
};

const listQuery = pageQuery(openAiFilesMax).extend({ purpose: z.enum(PURPOSES).optional() });
type FileQuery = PageQuery & { purpose?: FileRow['purpose'] | undefined };

export const listFilesEndpoint: Endpoint<FileQuery, Page<FileRow>> = {
  id: 'openai-files',
  summary: 'Lists files.',
  replies: { 200: { description: 'The files.' } },
  errors: OWN_READ,
  parse: (request) => checkParams(listQuery, request.query),
  shape: (page) => toList(page, toFileObject),
};

export const getFileEndpoint: Endpoint<string, FileRow> = {
  id: 'openai-file',
  summary: 'Describes a file.',
  replies: FILE,
  errors: [...OWN_READ, 'FILE_NOT_FOUND'],
  parse: idOf,
  shape: toFileObject,
};

export const fileContentEndpoint: Endpoint<string, Readable> = {
  id: 'openai-file-content',
  summary: 'The bytes of a file.',
  replies: { 200: { description: 'The bytes.', mediaType: 'application/octet-stream' } },
  errors: [...OWN_READ, 'FILE_NOT_FOUND'],
  headers: () => ({ 'content-type': 'application/octet-stream', 'content-disposition': 'attachment' }),
  parse: idOf,
  shape: (content) => content,
};

export const deleteFileEndpoint: Endpoint<string, string> = {
  id: 'openai-delete-file',
  summary: 'Deletes a file.',
  replies: { 200: { description: 'The id of the file that is gone.' } },
  errors: [...OWN_WRITE, 'FILE_NOT_FOUND'],
  parse: idOf,
  shape: (id) => ({ id, object: 'file', deleted: true }),
};

/** A key can access its own files; one that may administer every index can access all (docs/spec/openai.md). */
function reaches({ key }: FileRow, caller: Caller): boolean {
  return key === caller.key || administersAll(caller);
}

function administersAll(caller: Caller): boolean {
  try {
    // Of all patterns, only `*` matches an index without a name.
    caller.require('admin', '');
    return true;
  } catch {
    return false;
  }
}

/** @throws RelayError FILE_NOT_FOUND, for files of other keys too */
export function findFile(files: FileStore, id: string, caller: Caller): FileRow {
  const file = files.get(id);
  if (file === undefined || !reaches(file, caller)) throw new RelayError('FILE_NOT_FOUND', `there is no file ${id}`);
  return file;
}

export const listFiles = (files: FileStore, { purpose, ...page }: FileQuery, caller: Caller): Page<FileRow> =>
  pageOf(
    files.all().filter((file) => reaches(file, caller) && (purpose === undefined || file.purpose === purpose)),
    page,
  );
