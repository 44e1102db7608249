import { join } from 'node:path';
import { metric as metricShape, TributaryError, vectorKinds } from '@tributary/schemas';
import { defaultGateway, webAddress, wholeNumber } from '../../arguments.ts';
import { dataFolder } from '../../folders.ts';
import { checkpointName, type Job } from '../../import/checkpoint.ts';
import { importSource, type ImportOptions } from '../../import/import-source.ts';
import type { Source } from '../../import/types.ts';
import { openOwnNode, type OwnNodeOptions } from '../../steps/own-node.ts';
import type { Output } from '../../ui/output.ts';
import { createProgress, duration } from '../../ui/progress.ts';
import { describeReport, describeStart } from './show.ts';

/** Options of every source. */
export interface ImportCommandOptions extends OwnNodeOptions {
  to: string;
  toNamespace?: string;
  textField?: string;
  metric?: string;
  model?: string;
  embed?: boolean;
  vectors?: string;
  rate?: string;
  checkpoint?: string;
  restart?: boolean;
  json?: boolean;
}

/** Exit code of an import that ended, but without some records. */
const INCOMPLETE = 3;
/** Pauses that are worth a line. */
const PAUSE_SHOWN_MS = 5_000;

/**
 * `tributary import SOURCE --to INDEX`: copies the records of another store. Run again after a stop, it goes on where
 * it was. Exit code 3 when records were refused or counts differ.
 */
export async function importCommand(source: Source, options: ImportCommandOptions, output: Output, signal: AbortSignal) {
  try {
    const job = jobOf(source, options);
    const progress = createProgress('import', output);
    const rate = rateOf();
    try {
      const report = await importSource(source, await openOwnNode(options), {
        ...settingsOf(options, job),
        signal,
        onStart: (started) => output.note(describeStart(started)),
        onProgress: ({ done, total, written, refused }) =>
          progress.update({
            done,
            total,
            note: `${written} records${refused === 0 ? '' : `, ${refused} refused`}`,
            secondsLeft: rate(done, total),
          }),
        onPause: (error, ms) => {
          if (ms >= PAUSE_SHOWN_MS) output.note(`${error.message}; trying again in ${duration(ms / 1_000)}`);
        },
      });
      progress.stop();
      if (options.json) output.json(report);
      else for (const line of describeReport(report)) output.line(line);
      return report.differences.length === 0 ? 0 : INCOMPLETE;
    } finally {
      progress.stop();
    }
  } finally {
    await source.close();
  }
}

function jobOf({ name }: Source, options: ImportCommandOptions): Job {
  const { gateway, to, toNamespace, embed, vectors, textField } = options;
  const kinds = vectorKinds.default('dense').safeParse(vectors);
  if (!kinds.success) throw new TributaryError('USAGE', `--vectors is dense, sparse or both, not '${vectors}'`);
  const { origin } = new URL(webAddress('--gateway', gateway ?? process.env['TRIBUTARY_GATEWAY'] ?? defaultGateway));
  return {
    source: { ...name },
    gateway: origin,
    index: to,
    namespace: toNamespace ?? null,
    embed: embed === true,
    vectors: kinds.data,
    textField: textField ?? null,
  };
}

function settingsOf(
  options: ImportCommandOptions,
  job: Job,
): Omit<ImportOptions, 'signal' | 'onStart' | 'onProgress' | 'onPause'> {
  const { metric, model, rate, checkpoint, restart } = options;
  const parsed = metricShape.optional().safeParse(metric);
  if (!parsed.success) throw new TributaryError('USAGE', `--metric is cosine, dotproduct or euclidean, not '${metric}'`);
  return {
    job,
    metric: parsed.data ?? null,
    model: model ?? null,
    embed: job.embed,
    vectors: job.vectors,
    rate: rate === undefined ? null : wholeNumber('--rate', rate, { min: 1 }),
    checkpoint: checkpoint ?? join(dataFolder('import', undefined), checkpointName(job)),
    restart: restart === true,
  };
}

/** Seconds that are left at the speed so far. */
function rateOf(now: () => number = Date.now) {
  let first: { at: number; done: number } | null = null;
  return (done: number, total: number): number | null => {
    first ??= { at: now(), done };
    const seconds = (now() - first.at) / 1_000;
    return seconds < 2 || done <= first.done ? null : ((total - done) * seconds) / (done - first.done);
  };
}
