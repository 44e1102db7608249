import { metadataKeysMax } from '@tributary/schemas';
import { CsvError, parse, type Info } from 'csv-parse/sync';

import { StoreError } from '../../../errors.ts';
import { rowBytesMax, rowsMax } from '../../../limits.ts';
import type { Metadata, Parser } from '../../types.ts';
import { decodeText } from '../text/encoding.ts';
import { flatMetadata } from '../text/front-matter.ts';
import { idFault, rowDocument } from './row-document.ts';

/** What csv-parse returns per record with the options `raw` and `info`. */
interface RawRecord {
  record: string[];
  raw: string;
  info: Info;
}

/** The column of each part. All other columns are metadata. */
interface Columns {
  id: number;
  title: number;
  text: number;
  uri: number;
  metadata: { name: string; index: number; read: (cell: string) => string | number | boolean }[];
}

/** Numbers that are written back unchanged: no leading zeros or plus signs, at most 15 digits. */
const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?$/u;

/**
 * CSV or TSV with a header row. One column is `text`, `content` or `body`; `id` or `_id`, `title` and `url` are
 * optional.
 */
export const csvParser: Parser = {
  async parse(bytes, file) {
    const [header, ...rows] = readRecords(decodeText(bytes).text, file.mediaType);
    if (header === undefined) return [];
    const columns = chooseColumns(header.record, rows);
    const seen = new Map<string, number>();
    return rows.map((row, index) => {
      const cell = (at: number): string => row.record[at] ?? '';
      const id = cell(columns.id) || String(index + 1);
      const fault = idFault(id) ?? (seen.has(id) ? `repeats the id of line ${seen.get(id)}` : null);
      if (fault !== null) throw malformed(`The record that ends at line ${row.info.lines} has an id that ${fault}.`);
      seen.set(id, row.info.lines);
      return rowDocument({
        file: file.path,
        id,
        title: cell(columns.title),
        text: cell(columns.text),
        uri: cell(columns.uri) || null,
        metadata: metadataOf(columns, row.record),
        raw: row.raw,
      });
    });
  },
};

function readRecords(text: string, mediaType: string): RawRecord[] {
  const delimiter = mediaType === 'text/tab-separated-values' ? '\t' : delimiterOf(text);
  try {
    const records: unknown = parse(text, {
      delimiter,
      raw: true,
      info: true,
      skip_empty_lines: true,
      max_record_size: rowBytesMax,
      to: rowsMax + 2,
    });
    // The library's types describe only the plain form. With `raw` and `info` each record is wrapped.
    const wrapped = records as RawRecord[];
    if (wrapped.length > rowsMax + 1)
      throw new StoreError('PARSE_TOO_LARGE', `The file has more than ${rowsMax} records. Split it.`);
    return wrapped;
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const line = error instanceof CsvError && typeof error['lines'] === 'number' ? ` near line ${error['lines']}` : '';
    const what = error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read';
    throw new StoreError('PARSE_MALFORMED', `The CSV is malformed${line}: ${what}`, { cause: error });
  }
}

/** The separator that occurs most often in the header line. */
function delimiterOf(text: string): string {
  const [head = ''] = text.slice(0, 65_536).split('\n', 1);
  const count = (char: string): number => head.split(char).length - 1;
  return [',', ';', '\t'].reduce((best, char) => (count(char) > count(best) ? char : best));
}

function chooseColumns(header: readonly string[], rows: readonly RawRecord[]): Columns {
  const names = header.map((name) => name.trim());
  const find = (...wanted: string[]): number => {
    const found = wanted.map((name) => names.findIndex((column) => column.toLowerCase() === name)).find((index) => index >= 0);
    return found ?? -1;
  };
  const text = find('text', 'content', 'body');
  if (text < 0) {
    const shown = names.slice(0, 20).join(', ').slice(0, 300);
    throw malformed(
      `The CSV has no column text, content or body (it has: ${shown}). Name the column to be searched "text" in the header row.`,
    );
  }
  const columns = { id: find('_id', 'id'), title: find('title'), text, uri: find('url', 'uri') };
  const taken = new Set(Object.values(columns));
  const others = names.map((name, index) => ({ name, index })).filter(({ name, index }) => name !== '' && !taken.has(index));
  if (others.length > metadataKeysMax) throw malformed(`The CSV has more than ${metadataKeysMax} columns.`);
  return { ...columns, metadata: others.map((column) => ({ ...column, read: readerOf(rows, column.index) })) };
}

/** A column is numeric or boolean only if all its non-empty cells are. */
function readerOf(rows: readonly RawRecord[], index: number): (cell: string) => string | number | boolean {
  const cells = rows.map((row) => row.record[index] ?? '').filter((cell) => cell !== '');
  if (cells.length > 0 && cells.every((cell) => NUMBER.test(cell))) return Number;
  if (cells.length > 0 && cells.every((cell) => cell === 'true' || cell === 'false')) return (cell) => cell === 'true';
  return (cell) => cell;
}

function metadataOf(columns: Columns, record: readonly string[]): Metadata {
  const filled = columns.metadata.filter(({ index }) => (record[index] ?? '') !== '');
  return flatMetadata(filled.map(({ name, index, read }) => [name, read(record[index] ?? '')]));
}

function malformed(message: string): StoreError {
  return new StoreError('PARSE_MALFORMED', message);
}
