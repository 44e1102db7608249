import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { TributaryError } from '@tributary/schemas';
import { readForm } from '../../gateway/bodies/form.ts';
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

/**
 * Receives the one file of a form into `path`, which must not exist.
 *
 * @throws ParamError INPUT_SHAPE, INPUT_TOO_LARGE; TributaryError DISK_WRITE; the error that ends the body
 */
export async function receive(body: Readable, headers: IncomingHttpHeaders, path: string, bytesMax: number): Promise<Received> {
  const { saved, fileName, mediaType, fields } = await readForm(body, headers, {
    fields: null,
    fieldsMax: formFieldsMax,
    fieldBytesMax: formFieldBytesMax,
    fileBytesMax: bytesMax,
    preservePath: false,
    save: (file) => save(file, path),
    // OpenAI's clients know a 413 only for the file.
    refusal: (part, message, code) =>
      new ParamError(part, `${part === '' ? '' : `${part}: `}the form ${message}`, part === 'file' ? code : 'INPUT_SHAPE'),
  });
  checkName(fileName);
  return { ...saved, filename: fileName, mediaType, fields };
}

/** Reads the stream to its end even when the disk refuses it. */
async function save(stream: Readable, path: string): Promise<Pick<Received, 'bytes' | 'sha256'>> {
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
