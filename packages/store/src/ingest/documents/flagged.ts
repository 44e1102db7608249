import { screen } from '@tributary/screen';
import type { FlaggedChunks } from '../../disk/values.ts';
import { leftListedMax } from '../../limits.ts';
import type { IngestReport } from '../../reports.ts';
import type { Chunk } from '../types.ts';

export const NO_FLAGS: FlaggedChunks = { count: 0, flags: [] };

/**
 * Adds the chunks that look as if they were meant for a model. They are stored as they are; whoever shows them to an
 * agent screens them again, because rules change.
 */
export function withFlags(before: FlaggedChunks, chunks: readonly Chunk[]): FlaggedChunks {
  const found = chunks.map(({ title, context, text }) => screen([title, context, text].join('\n\n')));
  const labels = found.flatMap((flags) => flags.map(({ label }) => label));
  return {
    count: before.count + found.filter((flags) => flags.length > 0).length,
    flags: [...new Set([...before.flags, ...labels])].toSorted(),
  };
}

/** Counts the flagged chunks of a document, and names it if it has some. */
export function reportFlags(document: string, { count }: FlaggedChunks, { flagged }: Pick<IngestReport, 'flagged'>): void {
  if (count === 0) return;
  flagged.count += count;
  if (flagged.documents.length < leftListedMax) flagged.documents.push(document);
}
