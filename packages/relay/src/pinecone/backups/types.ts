import { createIndexBody } from '@tributary/schemas';
import { z } from 'zod';
import { tagsShape } from '../control/create-request.ts';

const source = z.strictObject({ name: z.string(), id: z.string() });
const timeMs = z.number().int();

/** Row of a backup. Its records are in the file of its id. */
export const backupRow = z.strictObject({
  id: z.string(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  status: z.enum(['Initializing', 'Ready', 'Failed']),
  /** The index whose records it has. */
  source,
  /** How an index for these records is made. */
  index: createIndexBody,
  tags: tagsShape,
  /** Labels of other APIs (docs/spec/store.md). */
  attributes: z.record(z.string(), z.string()),
  /** What the file has; null until it is complete. */
  content: z
    .strictObject({ sequence: timeMs, records: timeMs, namespaces: timeMs, bytes: timeMs, sha256: z.string() })
    .nullable(),
  created: timeMs,
});
export type BackupRow = z.output<typeof backupRow>;

/** Row of a restore job. */
export const restoreRow = z.strictObject({
  id: z.string(),
  backup: z.string(),
  target: source,
  status: z.enum(['InProgress', 'Completed', 'Failed']),
  /** Records written so far. Only that of a job that ended is on disk. */
  records: timeMs,
  of: timeMs,
  created: timeMs,
  completed: timeMs.nullable(),
});
export type RestoreRow = z.output<typeof restoreRow>;
