import type { RecordInput } from '@tributary/schemas';
import { z } from 'zod';

export interface ImportFile {
  path: string;
  namespace: string;
}

/** Some records of a file; `refused` says what is wrong with those that cannot be read. */
export interface ImportPage {
  records: RecordInput[];
  refused: readonly string[];
}

/** A place whose Parquet files callers may import. */
export interface ImportPlace {
  /** Of its addresses. */
  readonly scheme: 'file' | 's3';
  /** The path that an address of its scheme means; null when nothing is there, or it is not in this place. */
  locate(uri: string): Promise<string | null>;
  /** The files of such a path. @throws TributaryError, or an error whose words are not passed on */
  files(path: string, signal: AbortSignal): Promise<ImportFile[]>;
  /** The records of a file, a page at a time. @throws likewise */
  read(path: string, signal: AbortSignal): AsyncIterable<ImportPage>;
}

const timeMs = z.number().int();

/** Row of a bulk import. */
export const importRow = z.strictObject({
  id: z.string(),
  index: z.strictObject({ name: z.string(), id: z.string() }),
  uri: z.string(),
  /** What the address means in its place. */
  path: z.string(),
  onError: z.enum(['continue', 'abort']),
  /** did:key of the writer who signs its records; null: the owner. */
  writer: z.string().nullable(),
  status: z.enum(['InProgress', 'Completed', 'Failed', 'Cancelled']),
  /** Only that of an import that ended is on disk. */
  percent: z.number(),
  records: timeMs,
  error: z.string().nullable(),
  created: timeMs,
  finished: timeMs.nullable(),
});
export type ImportRow = z.output<typeof importRow>;
