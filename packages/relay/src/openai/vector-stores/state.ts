import { StoreError, type Index } from '@tributary/store';
import { RelayError } from '../../errors.ts';
import type { OwnIndexes } from '../../own/types.ts';
import type { FileStore } from '../files/file-store.ts';
import type { FileRow } from '../files/types.ts';
import { vectorStoreFilesMax } from '../limits.ts';
import type { RowChange, Table, WriteRows } from '../../rows/rows.ts';
import { documentName } from './document-name.ts';
import type { Jobs } from '../../rows/jobs.ts';
import type { BatchRow, EntryRow, NewEntry, StoreRow } from './types.ts';

export interface VectorStoresOptions {
  own: OwnIndexes;
  files: Pick<FileStore, 'get' | 'pathOf'>;
  stores: Table<StoreRow>;
  entries: Table<EntryRow>;
  batches: Table<BatchRow>;
  write: WriteRows;
  /** True where nothing can be written: nothing is removed or continued. */
  readOnly: boolean;
  /** The model's window. */
  window: number;
  now(): number;
  randomBytes(length: number): Uint8Array;
}

/** A file to add to a store, with its row and the writer who adds it; null: the owner. */
export type Adding = NewEntry & { row: FileRow; writer: string | null };

/** What the parts of the vector stores share: their rows and the jobs. */
export interface State {
  options: VectorStoresOptions;
  jobs: Jobs;
  /** @throws StoreError INDEX_NOT_FOUND */
  get(id: string): StoreRow;
  /** As `writer` writes it; null: the owner. */
  index(id: string, writer: string | null): Index;
  entries(id: string): EntryRow[];
  /** @throws RelayError FILE_NOT_FOUND */
  entry(id: string, file: string): EntryRow;
  /** @throws RelayError FILE_NOT_FOUND */
  batch(id: string, batch: string): BatchRow;
  put(row: EntryRow): Promise<EntryRow>;
  /**
   * Writes the files of a store and other rows, then starts their jobs.
   *
   * @throws StoreError WRITE_TOO_LARGE, DISK_WRITE
   */
  begin(id: string, adding: readonly Adding[], more?: RowChange[]): Promise<EntryRow[]>;
  makeId(prefix: string): string;
}

export const keyOf = (store: string, file: string): string => `${store}/${file}`;

export function createState(options: VectorStoresOptions, jobs: Jobs): State {
  const { own, stores, entries, batches, write } = options;
  const get = (id: string): StoreRow => {
    const store = stores.get(id);
    if (store?.state !== 'ready') throw new StoreError('INDEX_NOT_FOUND', `there is no vector store ${id}`);
    return store;
  };
  const entriesOf = (id: string): EntryRow[] => {
    const { id: known } = get(id);
    return entries.all().filter(({ store }) => store === known);
  };
  return {
    options,
    jobs,
    get,
    index: (id, writer) => own.index(get(id).index, writer),
    entries: entriesOf,
    entry(id, file) {
      const found = entries.get(keyOf(get(id).id, file));
      if (found === undefined) throw new RelayError('FILE_NOT_FOUND', `there is no file ${file} in the vector store ${id}`);
      return found;
    },
    batch(id, name) {
      const found = batches.get(name);
      if (found?.store !== get(id).id)
        throw new RelayError('FILE_NOT_FOUND', `there is no file batch ${name} in the vector store ${id}`);
      return found;
    },
    async put(row) {
      await write([entries.put(keyOf(row.store, row.id), row)]);
      return row;
    },
    async begin(id, adding, more = []) {
      checkRoom(entriesOf(id), adding);
      const rows = adding.map((one) => toEntry(id, one, options));
      await write([...rows.map((row) => entries.put(keyOf(id, row.id), row)), ...more]);
      for (const row of rows) jobs.add(keyOf(id, row.id));
      return rows;
    },
    makeId: (prefix) => prefix + Buffer.from(options.randomBytes(12)).toString('hex'),
  };
}

function checkRoom(present: readonly EntryRow[], adding: readonly Adding[]): void {
  const names = new Set([...present.map(({ id }) => id), ...adding.map(({ file }) => file)]);
  if (names.size > vectorStoreFilesMax)
    throw new StoreError('WRITE_TOO_LARGE', `a vector store holds at most ${vectorStoreFilesMax} files`);
}

function toEntry(
  store: string,
  { file, attributes, chunkTokens, row, writer }: Adding,
  { window, now }: VectorStoresOptions,
): EntryRow {
  return {
    id: file,
    store,
    document: documentName(row),
    filename: row.filename,
    mediaType: row.mediaType,
    status: 'in_progress',
    attributes,
    chunkTokens: Math.min(window, chunkTokens ?? window),
    writer,
    created: now(),
    usage: 0,
    error: null,
  };
}
