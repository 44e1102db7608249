import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { TributaryError } from '@tributary/schemas';
import { filenameBytesMax, formFieldBytesMax, formFieldsMax } from '../limits.ts';
import { ParamError } from '../param-error.ts';

/** A file of a form, received and synced, and the fields beside it. */
export interface Received {
  filename: string;
  mediaType: string;
  bytes: number;
  sha256: string;
  fields: ReadonlyMap<string, string>;
}

type Saved = Pick<Received, 'filename' | 'mediaType' | 'bytes' | 'sha256'>;

/**
 * Receives the one file of a form into `path`, which must not exist. The form is read to its end even when something is
 * wrong with it, so that the sender reads the refusal.
 *
 * @throws ParamError INPUT_SHAPE, INPUT_TOO_LARGE; TributaryError DISK_WRITE; the error that ends the body
 */
export async function receive(body: Readable, headers: IncomingHttpHeaders, path: string, bytesMax: number): Promise<Received> {
  const form = openForm(headers, bytesMax);
  const fields = new Map<string, string>();
  let problem: Error | null = null;
  let open: BusboyFileStream | null = null;
  let saving: Promise<Saved> | null = null;
  const refuse = (param: string, message: string, code?: 'INPUT_TOO_LARGE'): void => {
    problem ??= new ParamError(param, `${param}: ${message}`, code);
  };
  form.on('field', (name, value, _nameCut, valueCut) => {
    if (valueCut) refuse(name, `has more than ${formFieldBytesMax} bytes`);
    fields.set(name, value);
  });
  // Both report a truncated form once more after they have ended, when nobody listens.
  form.on('error', () => undefined);
  form.on('file', (name, stream, filename, _encoding, mediaType) => {
    stream.on('error', () => undefined);
    if (name !== 'file' || saving !== null) {
      refuse(name, 'send one file, as the field `file`');
      stream.resume();
      return;
    }
    open = stream;
    stream.once('limit', () => refuse('file', `has more than ${bytesMax} bytes`, 'INPUT_TOO_LARGE'));
    saving = save(stream, path).then((saved) => ({ ...saved, filename, mediaType }));
    saving.catch(() => undefined); // awaited below
  });
  for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
    form.on(event, () => refuse('file', `the form has more than one file and ${formFieldsMax} fields`));
  }
  try {
    await pipeline(body, form);
  } catch (cause) {
    (open as BusboyFileStream | null)?.destroy();
    await (saving as Promise<Saved> | null)?.catch(() => undefined);
    throw body.errored ?? new ParamError('', `the form is not well formed: ${(cause as Error).message}`);
  }
  const saved = await (saving as Promise<Saved> | null);
  if (problem !== null) throw problem as Error;
  if (saved === null) throw new ParamError('file', 'file: send a file with a name');
  checkName(saved.filename);
  return { ...saved, fields };
}

function openForm(headers: IncomingHttpHeaders, bytesMax: number): BusboyInstance {
  try {
    return new Busboy({
      headers: headers as BusboyHeaders,
      limits: { fileSize: bytesMax, files: 1, fields: formFieldsMax, fieldSize: formFieldBytesMax, parts: formFieldsMax + 1 },
    });
  } catch (cause) {
    throw new ParamError('', `the form is not well formed: ${(cause as Error).message}`);
  }
}

/** Reads the stream to its end even when the disk refuses it. */
async function save(stream: Readable, path: string): Promise<Pick<Saved, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  let failure: unknown = null;
  const file = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    failure = cause;
    return null;
  });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (failure !== null || file === null) continue;
      bytes += chunk.length;
      hash.update(chunk);
      await file.writeFile(chunk).catch((cause: unknown) => {
        failure = cause;
      });
    }
    await file?.sync();
  } finally {
    await file?.close();
  }
  if (failure !== null) throw new TributaryError('DISK_WRITE', 'the disk refused the file; nothing was kept', { cause: failure });
  return { bytes, sha256: hash.digest('hex') };
}

function checkName(name: string): void {
  // The name becomes the last part of a document's path.
  if (name === '.' || name === '..' || /[\p{Cc}/\\]/u.test(name) || !name.isWellFormed() || name === '')
    throw new ParamError('file', 'file: its name must be a plain file name without control characters');
  if (Buffer.byteLength(name) > filenameBytesMax)
    throw new ParamError('file', `file: its name has more than ${filenameBytesMax} bytes`);
}
