import type { Index, IngestOptions, IngestPlan, IngestProgress, IngestReport } from '@tributary/store';
import type { Output } from '../ui/output.ts';
import { createProgress, duration, type Progress } from '../ui/progress.ts';

const EACH_REASON_SHOWN_MAX = 5;

/** US dollars for a million tokens of an embedding endpoint; null when it is not known. */
interface Prices {
  price: number | null;
}

/** Ingests files and folders and reports on each. An ingest that is stopped reports what it keeps. */
export async function ingestPaths(
  index: Index,
  paths: string[],
  options: IngestOptions,
  plan: Prices | false,
  output: Output,
): Promise<void> {
  if (paths.length === 0) return;
  const chunks = plan === false ? null : await tellPlan(index, paths, options, plan, output);
  const progress = createProgress('ingest', output);
  try {
    const report = await index.ingest(paths, options, embedProgress(chunks, progress));
    progress.stop();
    for (const line of describeReport(report)) output.note(line);
  } finally {
    progress.stop();
  }
}

/** Prints how many files, chunks and minutes to expect before anything is embedded; returns the number of chunks. */
async function tellPlan(index: Index, paths: string[], options: IngestOptions, prices: Prices, output: Output): Promise<number> {
  const progress = createProgress('count', output);
  try {
    const plan = await index.plan(paths, options, ({ done, total, chunks }) =>
      progress.update({ done, total, note: `${counted(chunks, 'chunk')} so far`, secondsLeft: null }),
    );
    progress.stop();
    output.note(describePlan(plan));
    if (plan.tokens !== null && plan.chunks > 0) output.note(describeCost(plan.tokens, prices));
    return plan.chunks;
  } finally {
    progress.stop();
  }
}

/** Chunks give a steadier bar than files, which finish in large groups. Without a count there are only files. */
function embedProgress(total: number | null, progress: Progress): (state: IngestProgress) => void {
  return ({ phase, chunks, done, total: files, rate, secondsLeft }) => {
    if (phase !== 'write' || total === 0 || files === 0) return;
    const note = `${Math.round(rate)} chunks/s`;
    if (total === null) return progress.update({ done, total: files, note, secondsLeft });
    progress.update({ done: Math.min(chunks, total), total, note, secondsLeft: rate === 0 ? null : (total - chunks) / rate });
  };
}

function describePlan({ files, chunks, seconds }: IngestPlan): string {
  if (chunks === 0) return `${counted(files, 'file')}; the index already has every chunk`;
  const time = seconds === null ? '' : `, ${seconds < 1 ? '' : 'about '}${duration(seconds)}`;
  return `${counted(files, 'file')}, ${counted(chunks, 'chunk')} to embed${time}`;
}

function describeCost(tokens: number, { price }: Prices): string {
  const sent = `at most about ${tokens.toLocaleString('en')} tokens are sent to the embedding endpoint`;
  if (price === null) return `${sent}; what they cost, its operator says ($TRIBUTARY_EMBEDDING_PRICE: dollars for a million)`;
  return `${sent}; that costs about $${((tokens * price) / 1e6).toPrecision(2)} at $${price} for a million`;
}

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function describeReport(report: IngestReport): string[] {
  const { added, unchanged, removed } = report.chunks;
  const stopped = report.aborted ? 'stopped early; what was embedded is kept, run it again to continue: ' : '';
  return [
    `${stopped}${counted(report.documents, 'document')}: ${counted(added, 'chunk')} added, ${unchanged} unchanged, ${removed} removed, in ${duration(report.seconds)}`,
    ...describeLeftOut(report),
    ...describeFlagged(report),
  ];
}

/** Agents get none of these chunks unless they ask for them. */
function describeFlagged({ flagged: { count, documents } }: IngestReport): string[] {
  if (count === 0) return [];
  const what = `${counted(count, 'chunk')} ${count === 1 ? 'looks' : 'look'} as if meant to give orders to a model`;
  return [`  ${what}, first in ${documents.slice(0, EACH_REASON_SHOWN_MAX).join(', ')}; agents do not get them by default`];
}

/** Describes everything that was left out: the first names for each reason, and the number of the rest. */
function describeLeftOut({ rejected, rejectedCount, passedOver }: IngestReport): string[] {
  const lines: string[] = [];
  for (const [why, files] of Map.groupBy(rejected, ({ reason, code }) => `${reason} (${code})`)) {
    for (const { file } of files.slice(0, EACH_REASON_SHOWN_MAX)) lines.push(`  left out ${file}: ${why}`);
    if (files.length > EACH_REASON_SHOWN_MAX) lines.push(`  and ${files.length - EACH_REASON_SHOWN_MAX} more: ${why}`);
  }
  if (rejectedCount > rejected.length) lines.push(`  and ${rejectedCount - rejected.length} more, for the same reasons`);
  const { hidden, ignored } = passedOver;
  if (hidden > 0) lines.push(`  passed over ${counted(hidden, 'name')} with a dot in front`);
  if (ignored > 0) lines.push(`  passed over ${counted(ignored, 'name')} that .gitignore files (or node_modules) leave out`);
  return lines;
}
