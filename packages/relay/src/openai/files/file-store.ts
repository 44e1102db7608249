import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { renameSynced } from '@tributary/runtime';
import { StoreError } from '@tributary/store';
import { RelayError } from '../../errors.ts';
import { openAiFileBytesMax, openAiFilesBytesMax, openAiFilesMax, uploadsAtOnceMax } from '../limits.ts';
import { ParamError } from '../param-error.ts';
import type { Table, WriteRows } from '../../rows/rows.ts';
import { receive } from './receive.ts';
import { PURPOSES, type FileRow, type Purpose } from './types.ts';

/** A form as it arrives. */
export interface Form {
  body: Readable;
  headers: IncomingHttpHeaders;
}

/** The files of OpenAI's API, on disk. */
export interface FileStore {
  /**
   * Receives a file; it is on disk once this resolves.
   *
   * @throws ParamError INPUT_SHAPE, INPUT_TOO_LARGE; RelayError OVERLOADED; StoreError WRITE_TOO_LARGE; TributaryError
   * DISK_WRITE
   */
  add(form: Form, key: string | null): Promise<FileRow>;
  get(id: string): FileRow | undefined;
  all(): FileRow[];
  /**
   * Its bytes, checked against their hash.
   *
   * @throws StoreError STORE_DAMAGED
   */
  open(file: FileRow): Promise<Readable>;
  pathOf(file: Pick<FileRow, 'id'>): string;
  /** @throws StoreError DISK_WRITE */
  remove(file: FileRow): Promise<void>;
}

export interface FileStoreOptions {
  directory: string;
  table: Table<FileRow>;
  write: WriteRows;
  /** True where nothing can be written. */
  readOnly: boolean;
  now(): number;
  randomBytes(length: number): Uint8Array;
}

/**
 * Opens the files. Files that a crash left half received or half removed are deleted, where anything can be.
 *
 * @throws StoreError STORE_DAMAGED
 */
export async function openFileStore({
  directory,
  table,
  write,
  readOnly,
  now,
  randomBytes,
}: FileStoreOptions): Promise<FileStore> {
  const [folder, incoming] = [join(directory, 'files'), join(directory, 'incoming')];
  if (!readOnly) await tidy(folder, incoming, table);
  await checkSizes(folder, table);
  const pathOf = ({ id }: Pick<FileRow, 'id'>): string => join(folder, id);
  let receiving = 0;

  const keep = async (form: Form, key: string | null, temporary: string, id: string): Promise<FileRow> => {
    const { fields, ...received } = await receive(form.body, form.headers, temporary, openAiFileBytesMax);
    const purpose = purposeOf(fields);
    checkRoom(table, received.bytes);
    const file = { ...received, id, purpose, created: now(), key };
    await renameSynced(temporary, pathOf(file));
    await write([table.put(id, file)]);
    return file;
  };
  return {
    async add(form, key) {
      if (receiving >= uploadsAtOnceMax)
        throw new RelayError('OVERLOADED', `${uploadsAtOnceMax} files are being received already; try again`);
      const id = `file-${Buffer.from(randomBytes(12)).toString('hex')}`;
      const temporary = join(incoming, id);
      receiving += 1;
      try {
        return await keep(form, key, temporary, id);
      } finally {
        receiving -= 1;
        await rm(temporary, { force: true });
      }
    },
    get: (id) => table.get(id),
    all: () => table.all(),
    async open(file) {
      if ((await hashOf(pathOf(file))) !== file.sha256)
        throw new StoreError('STORE_DAMAGED', `the file ${file.id} was changed on disk; upload it again`);
      return createReadStream(pathOf(file));
    },
    pathOf,
    async remove(file) {
      await write([table.drop(file.id)]);
      // A row without a file would be damage. A file without a row is deleted at the next start.
      await rm(pathOf(file), { force: true }).catch(() => undefined);
    },
  };
}

async function tidy(folder: string, incoming: string, table: Table<FileRow>): Promise<void> {
  await rm(incoming, { recursive: true, force: true });
  for (const path of [folder, incoming]) await mkdir(path, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) if (table.get(name) === undefined) await rm(join(folder, name), { force: true });
}

async function checkSizes(folder: string, table: Table<FileRow>): Promise<void> {
  for (const { id, bytes } of table.all()) {
    const found = await stat(join(folder, id)).catch(() => null);
    if (found?.size !== bytes)
      throw new StoreError(
        'STORE_DAMAGED',
        `the file ${join(folder, id)} is missing or cut; restore the data folder from a backup`,
      );
  }
}

function purposeOf(fields: ReadonlyMap<string, string>): Purpose {
  const extra = [...fields.keys()].find((name) => name !== 'purpose');
  if (extra !== undefined) {
    const why = extra.startsWith('expires_after') ? 'files stay until they are deleted' : 'there is no such member';
    throw new ParamError(extra, `${extra}: ${why}`);
  }
  const purpose = PURPOSES.find((one) => one === fields.get('purpose'));
  if (purpose === undefined) throw new ParamError('purpose', `purpose: must be one of ${PURPOSES.join(', ')}`);
  return purpose;
}

/** Uploads that finish at the same time are counted before either is written, so they may exceed the limit. */
function checkRoom(table: Table<FileRow>, bytes: number): void {
  const stored = table.all().reduce((sum, file) => sum + file.bytes, 0);
  if (table.size >= openAiFilesMax)
    throw new StoreError('WRITE_TOO_LARGE', `this node keeps at most ${openAiFilesMax} files; delete some`);
  if (stored + bytes > openAiFilesBytesMax)
    throw new StoreError('WRITE_TOO_LARGE', `the files of this node may have ${openAiFilesBytesMax} bytes together; delete some`);
}

async function hashOf(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  return pipeline(createReadStream(path), hash).then(
    () => hash.digest('hex'),
    () => null,
  );
}
