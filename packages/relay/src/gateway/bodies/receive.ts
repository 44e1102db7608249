import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ClientError } from '@tributary/client';
import { isTributaryError, TributaryError } from '@tributary/schemas';
import { fileBytesMax } from '@tributary/store';
import type { FastifyRequest } from 'fastify';
import { uploadFieldBytesMax } from '../limits.ts';
import { isForm, readForm, type Form } from './form.ts';

/** A file on this node's disk, with the fields of its form. */
export interface Received extends Partial<Omit<Form, 'saved'>> {
  path: string;
  /** Removes the file. */
  remove(): Promise<void>;
}

/** More bytes than a form has around its file. */
const FORM_BYTES = 1_048_576;

/** True for a body that states its length, if that is within the limit. */
export const isBounded = ({ headers }: FastifyRequest): boolean =>
  Number(headers['content-length'] ?? Infinity) <= fileBytesMax + FORM_BYTES;

/**
 * Streams the file of a body to disk: the body itself, or the part `file` of a form.
 *
 * @param fields names of the fields that a form may have beside it
 * @throws TributaryError INPUT_TOO_LARGE, INPUT_SHAPE, DISK_WRITE; ClientError ABORTED when the caller hangs up
 */
export async function receive(request: FastifyRequest, directory: string, fields: readonly string[]): Promise<Received> {
  const { body, headers } = request;
  const path = join(directory, randomUUID());
  const remove = (): Promise<void> => rm(path, { force: true });
  try {
    if (headers['content-length'] !== undefined && !isBounded(request)) throw tooLarge();
    if (!(body instanceof Readable)) throw noBody();
    if (isForm(headers)) {
      const { fileName, mediaType, fields: values } = await readForm(body, headers, formOptions(fields, path));
      return { fileName, mediaType, fields: values, path, remove };
    }
    await save(body, path);
    const mediaType = headers['content-type'];
    return { path, remove, ...(mediaType === undefined ? {} : { mediaType }) };
  } catch (error) {
    await remove();
    throw toRefusal(error);
  }
}

const formOptions = (fields: readonly string[], path: string): Parameters<typeof readForm<void>>[2] => ({
  fields,
  fieldsMax: fields.length,
  fieldBytesMax: uploadFieldBytesMax,
  fileBytesMax,
  preservePath: true, // a document's name is a path
  save: (file) => save(file, path),
  refusal: (_part, message, code, cause) => new TributaryError(code, `the form ${message}`, { cause }),
});

/**
 * When something is wrong with a body, it is left unread, so that its sender can still get a reply. When the disk
 * refuses it, it is read to its end.
 */
async function save(source: Readable, path: string): Promise<void> {
  let failure: unknown = null;
  const fail = (cause: unknown): null => {
    failure ??= cause;
    return null;
  };
  const file = await open(path, 'wx', 0o600).catch(fail);
  let bytes = 0;
  try {
    for await (const piece of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > fileBytesMax) throw tooLarge();
      if (failure === null) await file?.writeFile(piece).catch(fail);
    }
  } finally {
    await file?.close().catch(fail);
  }
  if (failure === null) return;
  throw new TributaryError('DISK_WRITE', 'the file could not be written to the disk of the node; try again', { cause: failure });
}

const tooLarge = (): TributaryError =>
  new TributaryError('INPUT_TOO_LARGE', `the file has more than ${fileBytesMax} bytes; split it`);
const noBody = (): TributaryError =>
  new TributaryError('INPUT_SHAPE', 'there is no body; send the file as the body, or as a form');

/** A connection that ends counts as hung up by the caller. */
function toRefusal(error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (isTributaryError(error) || !/PREMATURE_CLOSE|ECONNRESET|ABORT/.test(code)) return error;
  return new ClientError('ABORTED', 'the caller gave up the upload', { cause: error });
}
