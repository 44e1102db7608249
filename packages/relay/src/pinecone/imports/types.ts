import type { RecordInput } from '@tributary/schemas';
import { z } from 'zod';

/** Files that callers may import. */
export interface ImportFolder {
  /** Only what is in it may be named. */
  folder: string;
  /** The records of a file, a page at a time; `refused` says what is wrong with those that cannot be read. */
  read(path: string, signal: AbortSignal): AsyncIterable<{ records: RecordInput[]; refused: readonly string[] }>;
}

const timeMs = z.number().int();

/** Row of a bulk import. */
export const importRow = z.strictObject({
  id: z.string(),
  index: z.strictObject({ name: z.string(), id: z.string() }),
  uri: z.string(),
  /** The folder or file that the address means. */
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
