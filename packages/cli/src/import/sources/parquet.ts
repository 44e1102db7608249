import { resolve } from 'node:path';
import { TributaryError, type SparseInput } from '@tributary/schemas';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { z } from 'zod';
import { pageBytesMax, pageRecordsMax, parquetFooterBytesMax, parquetGroupBytesMax, parquetRowsMax } from '../limits.ts';
import { refuse } from '../to-record.ts';
import type { Page, Source, SourceRecord } from '../types.ts';
import { fileFacts } from './file-facts.ts';
import { readJson } from './json.ts';
import { components, fields, readShape } from './shapes.ts';

/** Columns of a record. The defaults are those of Pinecone's bulk import. */
export interface ParquetColumns {
  id: string;
  values: string;
  /** Its text is a JSON object. */
  metadata: string;
}

interface OpenFile {
  file: AsyncBuffer;
  facts: FileMetaData;
}
type Row = Record<string, unknown>;
const sparseColumn = z.object({ indices: z.array(z.union([z.number(), z.bigint()])), values: components });
const cursorShape = z.strictObject({ row: z.number().int().min(0) });

/** Opens the bytes of a file that is not on this machine. */
export type OpenBytes = () => Promise<AsyncBuffer>;

/**
 * A Parquet file with a row for each record. Columns besides those of `columns` are metadata.
 *
 * @param openBytes for a file that is not on this machine; `path` is then its name
 */
export function parquetSource(path: string, columns: ParquetColumns, openBytes?: OpenBytes): Source {
  const file = openBytes === undefined ? resolve(path) : path;
  let opened: OpenFile | null = null;
  return {
    name: { kind: 'parquet', file, ...columns },
    async describe() {
      const version = openBytes === undefined ? (await fileFacts(file)).version : '';
      opened = await reading(path, async () => open(await (openBytes?.() ?? asyncBufferFromFile(file))));
      const { num_rows: rows } = opened.facts;
      const dimension = rows === 0n ? null : await reading(path, () => dimensionOf(opened!, columns));
      return { dimension, metric: null, total: Number(rows), namespaces: [''], version };
    },
    pages: (cursor, _, { signal }) => readPages(path, opened!, columns, cursor, signal),
    count: () => Promise.resolve(Number(opened!.facts.num_rows)),
    close: () => Promise.resolve(),
  };
}

/** The library's errors say what is wrong with a file, but not which one. */
async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof TributaryError) throw cause;
    throw new TributaryError('SOURCE_RESPONSE', `${path} cannot be read as Parquet: ${(cause as Error).message}`, { cause });
  }
}

async function open(file: AsyncBuffer): Promise<OpenFile> {
  // The last eight bytes are the footer's length and a mark (parquet.apache.org, File Format).
  const end = new DataView(await file.slice(Math.max(0, file.byteLength - 8)));
  if (end.byteLength === 8 && end.getUint32(0, true) > Math.min(parquetFooterBytesMax, file.byteLength))
    throw new Error(`its footer is longer than ${Math.min(parquetFooterBytesMax, file.byteLength)} bytes`);
  return { file, facts: await parquetMetadataAsync(file) };
}

async function dimensionOf(opened: OpenFile, columns: ParquetColumns): Promise<number | null> {
  const names = namesIn(opened.facts);
  if (!names.includes(columns.id)) throw missing(columns.id, names);
  if (!names.includes(columns.values)) return null;
  const [first] = segmentsOf(opened.facts, 0);
  const rows = await readRows(opened, first!.from, Math.min(first!.to, first!.from + 1));
  const values = rows[0]?.[columns.values];
  return values == null ? null : readVector(values).length;
}

const missing = (column: string, names: readonly string[]): Error =>
  new Error(`it has no column '${column}'; its columns are ${names.slice(0, 20).join(', ')}`);

const namesIn = ({ row_groups: [group] }: FileMetaData): string[] => [
  ...new Set((group?.columns ?? []).map(({ meta_data }) => meta_data?.path_in_schema[0] ?? '')),
];

const readRows = ({ file, facts }: OpenFile, rowStart: number, rowEnd: number): Promise<Row[]> =>
  parquetReadObjects({ file, metadata: facts, rowStart, rowEnd, compressors, useOffsetIndex: true });

/** Rows that are decoded together: a row group, or a part of one that has an index of its pages. */
function segmentsOf({ row_groups: groups }: FileMetaData, start: number): { from: number; to: number }[] {
  const segments: { from: number; to: number }[] = [];
  let at = 0;
  for (const { columns, num_rows: count } of groups) {
    const end = at + Number(count);
    const isIndexed = columns.every(({ offset_index_offset: offset }) => offset !== undefined);
    const bytes = columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0), 0);
    if (!isIndexed && bytes > parquetGroupBytesMax)
      throw new Error(
        `a row group has ${bytes} bytes, more than ${parquetGroupBytesMax}; write the file with smaller ones, or with an index of its pages`,
      );
    const step = isIndexed ? parquetRowsMax : Math.max(1, end - at);
    for (; at < end; at += step)
      if (Math.min(at + step, end) > start) segments.push({ from: Math.max(at, start), to: Math.min(at + step, end) });
    at = end;
  }
  return segments;
}

async function* readPages(
  path: string,
  opened: OpenFile,
  columns: ParquetColumns,
  cursor: string | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const start = cursor === null ? 0 : readShape(cursorShape, JSON.parse(cursor)).row;
  const segments = await reading(path, () => Promise.resolve(segmentsOf(opened.facts, start)));
  for (const { from, to } of segments) {
    signal.throwIfAborted();
    const rows = await reading(path, () => readRows(opened, from, to));
    for (let at = 0; at < rows.length;) {
      const page: Page = { namespace: '', records: [], refused: [], cursor: '', done: null };
      at = fill(page, rows, at, from, columns);
      yield { ...page, cursor: JSON.stringify({ row: from + at }) };
    }
  }
}

/** Adds rows to a page until it is full. Returns the place of the next row. */
function fill(page: Page, rows: readonly Row[], start: number, offset: number, columns: ParquetColumns): number {
  let [at, bytes] = [start, 0];
  for (; at < rows.length && at - start < pageRecordsMax && bytes < pageBytesMax; at += 1) {
    try {
      const record = readRow(rows[at]!, columns);
      bytes += record.vector?.byteLength ?? 0;
      page.records.push(record);
    } catch (error) {
      page.refused.push(refuse(`row ${offset + at + 1}`, (error as Error).message));
    }
  }
  return at;
}

function readRow(row: Row, columns: ParquetColumns): SourceRecord {
  const { [columns.id]: id, [columns.values]: values, [columns.metadata]: metadata, sparse_values: sparse, ...others } = row;
  if (typeof id !== 'string' && typeof id !== 'number' && typeof id !== 'bigint') throw new Error('it has no id');
  return {
    id: String(id),
    vector: values == null ? null : readVector(values),
    sparse: sparse == null ? null : readSparse(sparse),
    text: null,
    metadata: { ...(metadata == null ? {} : readMetadata(metadata)), ...others },
  };
}

function readVector(values: unknown): Float32Array {
  if (values instanceof Float32Array || values instanceof Float64Array) return Float32Array.from(values);
  return Float32Array.from(readShape(components, values));
}

/** A group of two lists, as Pinecone's bulk import has it. Indices may be 64-bit integers. */
function readSparse(value: unknown): SparseInput {
  const { indices, values } = readShape(sparseColumn, value);
  return { indices: indices.map(Number), values };
}

const readMetadata = (value: unknown): Row => readShape(fields, typeof value === 'string' ? readJson(value) : value);
