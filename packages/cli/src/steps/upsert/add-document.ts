import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, isAbsolute, normalize, sep } from 'node:path';
import type { OwnIndexClient } from '@tributary/client';
import { TributaryError } from '@tributary/schemas';
import type { Output } from '../../ui/output.ts';
import { createProgress } from '../../ui/progress.ts';
import { counted } from '../ingest-paths.ts';

/** Uploads a file as a document named by its path, and reports the result. */
export async function addDocument(
  index: OwnIndexClient,
  file: string,
  how: { namespace?: string; signal: AbortSignal },
  output: Output,
): Promise<string> {
  const bytes = await open(file);
  const name = nameOf(file);
  const progress = createProgress(name, output);
  try {
    const { records, chunks, leftOut, flagged } = await index.documents.add(bytes, {
      ...how,
      name,
      onProgress: ({ found, embedded }) =>
        progress.update({ done: embedded, total: found, note: counted(found, 'chunk'), secondsLeft: null }),
    });
    progress.stop();
    if (leftOut.count > 0) output.note(`${name}: ${counted(leftOut.count, 'record')} left out, the first one: ${leftOut.first}`);
    if (flagged.count > 0)
      output.note(`${name}: ${counted(flagged.count, 'record')} flagged (${flagged.flags.join(', ')}), and left out for agents`);
    const { added, unchanged, removed } = chunks;
    const what = added + removed === 0 ? 'as before' : `${added} added, ${unchanged} unchanged, ${removed} removed`;
    return `${name}: ${counted(records, 'record')} (${what}) ${records === 1 ? 'is' : 'are'} in`;
  } finally {
    progress.stop();
  }
}

/** @throws TributaryError PATH_NOT_FOUND */
async function open(file: string): Promise<Blob> {
  try {
    if (!(await stat(file)).isFile()) throw new Error('not a file');
    return await openAsBlob(file);
  } catch (cause) {
    throw new TributaryError('PATH_NOT_FOUND', `${file} cannot be read; give a file`, { cause });
  }
}

/** The path as given; only the name for a file outside the current folder. */
function nameOf(file: string): string {
  const path = normalize(file);
  return isAbsolute(path) || path.startsWith('..') ? basename(path) : path.split(sep).join('/');
}
