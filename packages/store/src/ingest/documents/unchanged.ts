import { createHash } from 'node:crypto';
import { fileSha256 } from '../../disk/files.ts';
import type { DocumentRow } from '../../disk/values.ts';
import { reliableTime } from '../parse/read-bounded.ts';
import type { IngestOptions } from '../../reports.ts';
import type { WalkedFile } from '../walk.ts';

/**
 * To be incremented when parsers or splitter make other chunks of the same bytes, or more is noted of a file. All files
 * are then parsed again.
 */
const PARSE_REVISION = 2;

/**
 * Digest of everything besides a document's bytes that determines its chunks. `mediaType` is the one that was stated
 * where the name says nothing.
 */
export function madeFrom(options: Pick<IngestOptions, 'metadata' | 'chunkTokens'>, mediaType: string | null = null): string {
  const { metadata = {}, chunkTokens } = options;
  const entries = Object.keys(metadata)
    .toSorted()
    .map((key) => [key, metadata[key]]);
  const given = [...(mediaType === null ? [] : [mediaType]), ...(chunkTokens === undefined ? [] : [chunkTokens])];
  return createHash('sha256')
    .update(JSON.stringify([PARSE_REVISION, entries, ...given]))
    .digest('hex')
    .slice(0, 32);
}

/**
 * Compares a file with what was made of it before: first size, then modification time, then bytes. Returns the row to
 * keep, with the time that makes the next comparison fast. Null when the file must be parsed.
 */
export async function unchangedRow(
  file: Pick<WalkedFile, 'real' | 'bytes' | 'modified'>,
  row: DocumentRow | null,
  made: string,
  now: number,
): Promise<DocumentRow | null> {
  if (row === null || row.state !== 'whole' || row.made !== made || row.bytes !== file.bytes) return null;
  if (row.modified !== 0 && row.modified === file.modified) return row;
  const same = (await fileSha256(file.real).catch(() => null)) === row.sha256;
  return same ? { ...row, modified: reliableTime(file.modified, now) } : null;
}
