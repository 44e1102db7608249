import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';

/** The content of a form, once its file was saved. */
export interface Form<Saved = void> {
  fileName: string;
  mediaType: string;
  fields: ReadonlyMap<string, string>;
  saved: Saved;
}

interface FormOptions<Saved> {
  /** Names of the fields that are allowed besides the part `file`; null: any. */
  fields: readonly string[] | null;
  fieldsMax: number;
  fieldBytesMax: number;
  fileBytesMax: number;
  /** True: the file's name may be a path. */
  preservePath: boolean;
  save(file: Readable): Promise<Saved>;
  /** The error about a part, or about the form (''). The message goes on after "the form". */
  refusal(part: string, message: string, code: FormCode, cause?: unknown): Error;
}

const NAMELESS = 'has a part without a name';
/** Busboy gives undefined for a part without a name, whatever its types say. */
const nameIn = (stated: string | undefined): string => stated ?? '';

type FormCode = 'INPUT_SHAPE' | 'INPUT_TOO_LARGE';

export const isForm = ({ 'content-type': type = '' }: IncomingHttpHeaders): boolean => /^multipart\/form-data\b/i.test(type);

/**
 * Reads a form to its end and saves its one file meanwhile. Errors are thrown only at the end, so that the sender reads
 * the refusal.
 *
 * @throws what `refusal` returns; the error that ends the body, and those of `save`
 */
export async function readForm<Saved>(
  body: Readable,
  headers: IncomingHttpHeaders,
  options: FormOptions<Saved>,
): Promise<Form<Saved>> {
  const form = openForm(headers, options);
  const fields = new Map<string, string>();
  let problem: Error | null = null;
  let stream: BusboyFileStream | null = null;
  let saving: Promise<Form<Saved>> | null = null;
  const refuse = (part: string, message: string, code: FormCode = 'INPUT_SHAPE'): void => {
    problem ??= options.refusal(part, message, code);
  };
  form.on('error', () => undefined); // a truncated form is reported again after its end
  form.on('field', (stated, value, _nameCut, valueCut) => {
    const name = nameIn(stated);
    if (name === '') refuse('', NAMELESS);
    else if (options.fields?.includes(name) === false) refuse(name, `has a part '${name}' that is not known here`);
    else if (options.fields !== null && fields.has(name)) refuse(name, `has '${name}' twice`);
    else if (valueCut) refuse(name, `has more than ${options.fieldBytesMax} bytes in '${name}'`, 'INPUT_TOO_LARGE');
    fields.set(name, value);
  });
  form.on('file', (stated, part, fileName, _encoding, mediaType) => {
    const name = nameIn(stated);
    part.on('error', () => undefined);
    if (name !== 'file') {
      refuse(name, name === '' ? NAMELESS : `has a file in '${name}'; send it as its part 'file'`);
      return part.resume();
    }
    const tooLarge = `has a file of more than ${options.fileBytesMax} bytes; split it`;
    part.once('limit', () => refuse(name, tooLarge, 'INPUT_TOO_LARGE'));
    stream = part;
    saving = options.save(part).then((saved) => ({ fileName, mediaType, fields, saved }));
    saving.catch(() => undefined); // awaited below
    return part;
  });
  for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
    form.on(event, () => refuse('file', 'has too many parts'));
  try {
    await feed(body, form);
  } catch (cause) {
    (stream as BusboyFileStream | null)?.destroy();
    await (saving as Promise<unknown> | null)?.catch(() => undefined);
    throw body.errored ?? options.refusal('', `cannot be read: ${(cause as Error).message}`, 'INPUT_SHAPE', cause);
  }
  const read = await (saving as Promise<Form<Saved>> | null);
  if (problem !== null) throw problem as Error;
  if (read === null) throw options.refusal('file', "has no file; send one as its part 'file'", 'INPUT_SHAPE');
  return read;
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

function openForm(headers: IncomingHttpHeaders, options: Omit<FormOptions<unknown>, 'save'>): BusboyInstance {
  const { fieldsMax, fieldBytesMax, fileBytesMax, preservePath, refusal } = options;
  try {
    return new Busboy({
      headers: headers as BusboyHeaders,
      preservePath,
      limits: { fileSize: fileBytesMax, files: 1, fields: fieldsMax, parts: fieldsMax + 1, fieldSize: fieldBytesMax },
    });
  } catch (cause) {
    throw refusal('', `cannot be read: ${(cause as Error).message}`, 'INPUT_SHAPE', cause);
  }
}
