import { isTributaryError, TributaryError, type ErrorCode } from '@tributary/schemas';
import { StoreError, type IndexInfo } from '@tributary/store';
import { RelayError } from '../../errors.ts';
import { withoutPlaces } from '../../gateway/error-reply.ts';
import type { OwnIndexes } from '../../own/types.ts';
import { createJobs } from '../../rows/jobs.ts';
import type { Table, WriteRows } from '../../rows/rows.ts';
import { importsMax } from '../limits.ts';
import { unsupported } from '../parts.ts';
import type { ImportPlace, ImportRow } from './types.ts';

export type AskedImport = Pick<ImportRow, 'uri' | 'onError'>;

/** Files that are read into own indexes. */
export interface Imports {
  /** Those into an index. */
  of(index: string): ImportRow[];
  /** @throws RelayError FILE_NOT_FOUND */
  get(index: string, id: string): ImportRow;
  /**
   * Begins one.
   *
   * @throws TributaryError INPUT_SHAPE; StoreError WRITE_TOO_LARGE, DISK_WRITE
   */
  begin(index: IndexInfo, writer: string | null, asked: AskedImport): Promise<ImportRow>;
  /** Ends it, if it has not ended. What was written stays. @throws RelayError FILE_NOT_FOUND */
  cancel(index: string, id: string): Promise<void>;
  close(): Promise<void>;
}

export interface ImportsOptions {
  own: OwnIndexes;
  /** None: nothing may be imported. */
  places: readonly ImportPlace[];
  table: Table<ImportRow>;
  write: WriteRows;
  /** True where nothing can be written: nothing is continued. */
  readOnly: boolean;
  now(): number;
}

/** The index is busy, or the node is ending. */
const LATER: ReadonlySet<ErrorCode> = new Set(['STORE_BUSY', 'STORE_CLOSED', 'WORKER_CRASHED']);

/** Opens the imports. Those that a stop has interrupted begin again; records that were written are written again. */
export function openImports(options: ImportsOptions): Imports {
  const { table, write, now } = options;
  const jobs = createJobs({ run: (key, signal) => run(options, key, signal) });
  const interrupted = options.readOnly ? [] : table.all().filter(({ status }) => status === 'InProgress');
  for (const { id } of interrupted) jobs.add(id);
  const get = (index: string, id: string): ImportRow => {
    const row = table.get(id);
    if (row?.index.id !== index) throw new RelayError('FILE_NOT_FOUND', `there is no import ${id} into this index`);
    return row;
  };
  return {
    of: (index) => table.all().filter((row) => row.index.id === index),
    get,
    async begin({ name, id: index }, writer, asked) {
      if (table.size >= importsMax) throw new StoreError('WRITE_TOO_LARGE', `this node remembers at most ${importsMax} imports`);
      const { path } = await locate(asked.uri, options.places);
      const id = String(1 + Math.max(0, ...table.all().map((row) => Number(row.id))));
      const begun = { percent: 0, records: 0, error: null, created: now(), finished: null };
      const row: ImportRow = { ...asked, ...begun, id, index: { name, id: index }, path, writer, status: 'InProgress' };
      await write([table.put(id, row)]);
      jobs.add(id);
      return row;
    },
    async cancel(index, id) {
      get(index, id);
      await jobs.stop(id);
      const row = get(index, id);
      if (row.status === 'InProgress') await write([table.put(id, { ...row, status: 'Cancelled', finished: now() })]);
    },
    close: () => jobs.close(),
  };
}

/** How addresses of a scheme look. */
const ADDRESSES: Readonly<Record<ImportPlace['scheme'], string>> = {
  file: 'file:///FOLDER on its machine',
  s3: 's3://BUCKET/PREFIX',
};

/**
 * What an address means, and in which place.
 *
 * @throws TributaryError INPUT_SHAPE, in the same words for what is not there and for what is outside, so that nobody
 *   learns what is there
 */
async function locate(uri: string, places: readonly ImportPlace[]): Promise<{ place: ImportPlace; path: string }> {
  if (places.length === 0)
    unsupported('bulk import, because it was started without --imports PLACE; use upsert, or tributary import');
  const scheme = uri.split(':', 1)[0];
  const able = places.filter((place) => place.scheme === scheme && uri.startsWith(`${scheme}://`));
  const addresses = [...new Set(places.map((place) => ADDRESSES[place.scheme]))];
  if (able.length === 0) unsupported(`imports from '${scheme}', but from ${addresses.join(' and ')}`);
  for (const place of able) {
    const path = await place.locate(uri);
    if (path !== null) return { place, path };
  }
  throw new TributaryError('INPUT_SHAPE', `uri: ${uri} is nothing in the places that this node imports from`);
}

async function run(options: ImportsOptions, id: string, signal: AbortSignal): Promise<'done' | 'again'> {
  const { table, write, now } = options;
  const row = table.get(id);
  if (row?.status !== 'InProgress') return 'done';
  const ended = await copy(options, row, signal);
  if (ended === 'again' || signal.aborted) return ended === 'again' ? 'again' : 'done';
  // When the row cannot be written, the job begins again at the next start.
  await write([table.put(id, { ...table.get(id)!, ...ended, finished: now() })]).catch(() => undefined);
  return 'done';
}

type Ended = Partial<Pick<ImportRow, 'status' | 'error' | 'percent'>>;

async function copy({ own, places, table }: ImportsOptions, row: ImportRow, signal: AbortSignal): Promise<Ended | 'again'> {
  try {
    // Again, because after a restart the node may import from other places.
    const { place, path: root } = await locate(row.uri, places);
    const files = await place.files(root, signal);
    if (files.length === 0) return { status: 'Failed', error: 'there are no Parquet files' };
    const index = own.index(row.index.id, row.writer);
    let records = 0;
    for (const [at, { path, namespace }] of files.entries()) {
      for await (const page of place.read(path, signal)) {
        signal.throwIfAborted();
        if (page.refused.length > 0 && row.onError === 'abort') throw new TributaryError('INPUT_SHAPE', page.refused[0]!);
        if (page.records.length > 0) await index.upsert(page.records.map((record) => ({ ...record, namespace })));
        records += page.records.length;
        table.put(row.id, { ...row, records, percent: Math.floor((100 * at) / files.length) }).apply();
      }
    }
    return { status: 'Completed', percent: 100 };
  } catch (error) {
    if (isTributaryError(error) && LATER.has(error.code)) return 'again';
    return {
      status: 'Failed',
      error: isTributaryError(error) ? withoutPlaces(error.code, error.message) : 'the files could not be read',
    };
  }
}
