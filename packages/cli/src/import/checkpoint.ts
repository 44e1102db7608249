import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from '@tributary/runtime';
import {
  checkShape,
  count,
  indexId,
  namespace,
  parseOrdered,
  recordId,
  text,
  TributaryError,
  vectorKinds,
} from '@tributary/schemas';
import { z } from 'zod';
import { checkpointBytesMax, cursorBytesMax, importSampleMax, reasonCharsMax, refusedNamedMax } from './limits.ts';
import type { SourceName } from './types.ts';

const shortText = text(4_096);
/** docs/spec/import.md has the format. */
const checkpointShape = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/import'),
  job: z.strictObject({
    source: z.record(shortText, shortText),
    gateway: shortText,
    index: shortText,
    namespace: namespace.nullable(),
    embed: z.boolean(),
    vectors: vectorKinds,
    textField: shortText.nullable(),
  }),
  version: shortText,
  to: z.strictObject({ id: indexId, created: z.iso.datetime() }),
  cursor: text(cursorBytesMax),
  sequence: count,
  before: count,
  read: count,
  written: count,
  changed: count,
  refused: z.strictObject({
    count,
    named: z.array(z.strictObject({ id: text(2_048), reason: text(reasonCharsMax * 3) })).max(refusedNamedMax),
  }),
  sample: z.array(z.strictObject({ namespace, id: recordId, digest: z.base64() })).max(importSampleMax),
});
export type Checkpoint = z.infer<typeof checkpointShape>;
/** What makes two runs the same import. */
export type Job = Checkpoint['job'];

/** Name of the checkpoint file of an import. */
export const checkpointName = (job: { source: SourceName } & Omit<Job, 'source'>): string =>
  `${createHash('sha256').update(JSON.stringify(job)).digest('hex').slice(0, 32)}.json`;

/**
 * The checkpoint of an earlier run that did not end; null when there is none.
 *
 * @throws TributaryError IMPORT_CHECKPOINT when it does not have its form, or is of another import
 */
export async function readCheckpoint(path: string, job: Job): Promise<Checkpoint | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw damaged(path, 'cannot be read', error);
  });
  if (bytes === null) return null;
  const saved = parse(path, bytes);
  if (JSON.stringify(saved.job) === JSON.stringify(job)) return saved;
  throw damaged(path, 'is of another import');
}

function parse(path: string, bytes: Uint8Array): Checkpoint {
  try {
    return parseOrdered(checkpointShape, bytes, path, checkpointBytesMax);
  } catch (cause) {
    throw damaged(path, 'does not have its form', cause);
  }
}

function damaged(path: string, what: string, cause?: unknown): TributaryError {
  return new TributaryError('IMPORT_CHECKPOINT', `the checkpoint ${path} ${what}; with --restart the import begins anew`, {
    cause,
  });
}

/** On disk once resolved, as a whole, for its owner's eyes only. */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Read by the shape, members are in its order.
  await replaceFile(path, JSON.stringify(checkShape(checkpointShape, checkpoint, 'the checkpoint')));
}

export const removeCheckpoint = (path: string): Promise<void> => rm(path, { force: true });
