import type { Checkpoint } from './checkpoint.ts';
import type { Refused } from './types.ts';

/** The result of an import. */
export interface ImportReport {
  index: string;
  /** Records read from the source, those of earlier runs included. */
  read: number;
  written: number;
  /** Records whose metadata were changed to fit. */
  changed: number;
  refused: { count: number; named: Refused[] };
  /** Records of the namespaces in the index before the import, and now. */
  before: number;
  now: number;
  /** What the source counts now; null when it has no count of its own. */
  source: number | null;
  /** Records that were read back, and the ids of those that differ from what was read. */
  sampled: { compared: number; different: string[] };
  /** What does not agree, in words; empty when all records are in the index. */
  differences: string[];
}

type Tally = Pick<Checkpoint, 'read' | 'written' | 'changed' | 'refused' | 'before'>;
type Counts = Pick<ImportReport, 'now' | 'source' | 'sampled'>;

export function makeReport(index: string, tally: Tally, counts: Counts): ImportReport {
  const { read, written, changed, refused, before } = tally;
  return { index, read, written, changed, refused, before, ...counts, differences: differencesOf(tally, counts) };
}

function differencesOf({ read, written, refused, before }: Tally, { now, source, sampled }: Counts): string[] {
  const found: string[] = [];
  if (refused.count > 0) found.push(`${refused.count} of ${read} records were refused`);
  if (source !== null && source !== read)
    found.push(
      `the source counts ${source} records now and ${read} were read: it changed meanwhile, or its count is late; run the import again`,
    );
  if (before === 0 && now < written)
    found.push(
      `${written - now} of ${written} written records are not there: their ids came twice (the last one stays), or they were deleted`,
    );
  // Records may replace ones that were there before.
  if (before > 0 && now < Math.max(before, written))
    found.push(`the index has ${now} records, fewer than the ${Math.max(before, written)} expected: somebody deletes from it`);
  if (now > before + written)
    found.push(`the index has ${now} records, more than the ${before} before and ${written} written: somebody else writes to it`);
  const [first] = sampled.different;
  if (first !== undefined)
    found.push(
      `${sampled.different.length} of ${sampled.compared} sampled records differ from the source, the first one '${first}': somebody else writes to the index`,
    );
  return found;
}
