import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { TributaryError } from '@tributary/schemas';
import { uploadFieldBytesMax } from '../limits.ts';

/** The content of a form, once its file was saved. */
export interface Form {
  fileName: string;
  mediaType: string;
  fields: ReadonlyMap<string, string>;
}

interface FormOptions {
  /** Names of the fields that are allowed besides the part `file`. */
  fields: readonly string[];
  fileBytesMax: number;
  save(file: Readable): Promise<void>;
}

export const isForm = ({ 'content-type': type = '' }: IncomingHttpHeaders): boolean => /^multipart\/form-data\b/i.test(type);

/**
 * Reads a form to its end and saves its one file meanwhile. Errors are thrown only at the end, so that the sender reads
 * the refusal.
 *
 * @throws TributaryError INPUT_SHAPE, INPUT_TOO_LARGE; the error that ends the body, and those of `save`
 */
export async function readForm(body: Readable, headers: IncomingHttpHeaders, options: FormOptions): Promise<Form> {
  const form = openForm(headers, options);
  const fields = new Map<string, string>();
  let problem: TributaryError | null = null;
  let saving: Promise<void> | null = null;
  let stream: BusboyFileStream | null = null;
  let file = { fileName: '', mediaType: '' };
  const refuse = (message: string, code: 'INPUT_SHAPE' | 'INPUT_TOO_LARGE' = 'INPUT_SHAPE'): void => {
    problem ??= new TributaryError(code, `the form ${message}`);
  };
  form.on('error', () => undefined); // a truncated form is reported again after its end
  form.on('field', (name, value, _nameCut, valueCut) => {
    if (!options.fields.includes(name)) refuse(`has a part '${name}' that is not known here`);
    else if (fields.has(name)) refuse(`has '${name}' twice`);
    else if (valueCut) refuse(`has more than ${uploadFieldBytesMax} bytes in '${name}'`, 'INPUT_TOO_LARGE');
    fields.set(name, value);
  });
  form.on('file', (name, part, fileName, _encoding, mediaType) => {
    part.on('error', () => undefined);
    if (name !== 'file') {
      refuse(`has a file in '${name}'; send it as its part 'file'`);
      return part.resume();
    }
    part.once('limit', () => refuse(`has a file of more than ${options.fileBytesMax} bytes; split it`, 'INPUT_TOO_LARGE'));
    file = { fileName, mediaType };
    stream = part;
    saving = options.save(part);
    saving.catch(() => undefined); // awaited below
    return part;
  });
  for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) form.on(event, () => refuse('has too many parts'));
  try {
    await feed(body, form);
  } catch (cause) {
    (stream as BusboyFileStream | null)?.destroy();
    await (saving as Promise<void> | null)?.catch(() => undefined);
    throw body.errored ?? new TributaryError('INPUT_SHAPE', `the form cannot be read: ${(cause as Error).message}`, { cause });
  }
  await (saving as Promise<void> | null);
  if (problem !== null) throw problem as TributaryError;
  if (saving === null) throw new TributaryError('INPUT_SHAPE', "the form has no file; send one as its part 'file'");
  return { ...file, fields };
}

/** Like `pipeline`, which would close the connection of a malformed form, so that its sender would get no reply. */
async function feed(body: Readable, form: BusboyInstance): Promise<void> {
  const fed = Promise.withResolvers<void>();
  form.once('finish', fed.resolve).once('error', fed.reject);
  body.once('error', fed.reject).once('close', () => {
    if (!body.readableEnded) fed.reject(new Error('it ends too early'));
  });
  body.pipe(form);
  await fed.promise.finally(() => body.unpipe(form));
}

function openForm(headers: IncomingHttpHeaders, { fields, fileBytesMax }: FormOptions): BusboyInstance {
  try {
    return new Busboy({
      headers: headers as BusboyHeaders,
      preservePath: true, // a document's name is a path
      limits: {
        fileSize: fileBytesMax,
        files: 1,
        fields: fields.length,
        parts: fields.length + 1,
        fieldSize: uploadFieldBytesMax,
      },
    });
  } catch (cause) {
    throw new TributaryError('INPUT_SHAPE', `the form cannot be read: ${(cause as Error).message}`, { cause });
  }
}
