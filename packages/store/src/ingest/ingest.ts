import { searchText, type RecordInput } from '@tributary/schemas';
import { ingestFilesAhead } from '../limits.ts';
import type { IngestOptions, IngestPlan, IngestProgress, IngestReport } from '../reports.ts';
import { createBatches, type Batches } from './batches.ts';
import { compare, type Compared, type NamedFile } from './documents/compare.ts';
import { embedRecords } from './embed.ts';
import { createMeter } from './progress.ts';
import { emptyReport, endRun, startRun, type Run } from './documents/run.ts';
import { createSample } from './sample.ts';
import { keepDocument, storeDocument } from './documents/store-document.ts';
import type { IngestTarget, ParseOutcome } from './types.ts';
import { dropDocument } from './documents/upkeep.ts';
import { isWithin } from './walk.ts';

type Tell = (progress: IngestProgress) => void;

/**
 * Brings files and folders into an index: walk → compare → parse → split → address → embed → write (which seals,
 * commits and publishes). Then it deletes what vanished from the folders since their last ingest. Unchanged files are
 * not parsed again. Documents are prepared while earlier ones are embedded. An ingest that is stopped keeps what was
 * embedded; the next one continues from there.
 *
 * @throws StoreError PATH_NOT_FOUND, MODEL_NOT_FOUND for an index that cannot embed, EMBED_FAILED, DISK_WRITE
 */
export async function ingest(
  paths: readonly string[],
  options: IngestOptions,
  onProgress: Tell,
  target: IngestTarget,
): Promise<IngestReport> {
  const run = startRun(options, target);
  const started = performance.now();
  const report = emptyReport(run);
  let batches: Batches | null = null;
  try {
    onProgress({ phase: 'walk', done: 0, total: 0, chunks: 0, bytes: 0, rate: 0, secondsLeft: null });
    const found = await compare(paths, run);
    report.files = found.files.length;
    report.parsed = found.changed.length;
    const meter = createMeter({ files: found.changed.length, bytes: sizeOf(found.changed) }, () => performance.now(), onProgress);
    batches = batchesOf(run, report, meter);
    for (const document of found.unchanged) await keepDocument(document, run, batches, report);
    for await (const { named, outcome } of parseAhead(found.changed, run))
      await storeDocument(named, outcome, run, batches, report);
    await batches.finish();
    meter.phase('remove');
    report.chunks.removed += await removeVanished(found, run);
  } catch (error) {
    if (options.signal?.aborted !== true) throw error;
    report.aborted = true;
  } finally {
    await batches?.idle();
    await endRun(run);
  }
  return { ...report, rejectedCount: run.leftOut.counts.rejected, seconds: (performance.now() - started) / 1_000 };
}

/**
 * What an ingest would do, without writing. Changed files are parsed and split, and a sample is embedded to estimate
 * the time.
 */
export async function planIngest(
  paths: readonly string[],
  options: IngestOptions,
  onProgress: Tell,
  target: IngestTarget,
): Promise<IngestPlan> {
  const run = startRun(options, target);
  // Nothing is written. What would be written goes into the sample.
  const sample = createSample();
  const remote = run.embedder.device.device === 'remote';
  let tokens = 0;
  const counting: Batches = {
    begin: () => undefined,
    async add(record) {
      sample.add(record);
      if (remote) tokens += run.embedder.countTokens(searchText({ text: record.text ?? '', source: record.source ?? null }));
    },
    end: async () => undefined,
    finish: async () => undefined,
    idle: async () => undefined,
  };
  try {
    const found = await compare(paths, run);
    const report = emptyReport(run);
    const bytes = sizeOf(found.changed);
    for (const document of found.unchanged) await keepDocument(document, run, counting, report);
    let [done, read] = [0, 0];
    for await (const { named, outcome } of parseAhead(found.changed, run)) {
      await storeDocument(named, outcome, run, counting, report);
      [done, read] = [done + 1, read + named.file.bytes];
      const progress = { done, total: found.changed.length, chunks: sample.count, bytes: read, rate: 0, secondsLeft: null };
      onProgress({ phase: 'count', ...progress });
    }
    // What an endpoint is sent, it charges.
    const embed = async (records: RecordInput[]) => void (await embedRecords(records, run.embedder, options.signal));
    const seconds = remote ? null : await sample.measure(embed);
    options.signal?.throwIfAborted();
    const { files, counts } = run.leftOut;
    return {
      files: found.files.length,
      chunks: sample.count,
      bytes,
      tokens: remote ? tokens : null,
      seconds,
      rejected: files,
      rejectedCount: counts.rejected,
    };
  } finally {
    await endRun(run);
  }
}

function batchesOf(
  { facts, target, embedder, options }: Run,
  report: IngestReport,
  meter: ReturnType<typeof createMeter>,
): Batches {
  return createBatches({
    namespace: facts.namespace,
    embed: (records: RecordInput[], onEmbedded) => embedRecords(records, embedder, options.signal, onEmbedded),
    write: target.write,
    chunks: report.chunks,
    meter,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** Outcomes in the order of the files, while up to `ingestFilesAhead` files are parsed. */
async function* parseAhead(
  files: readonly NamedFile[],
  { parser, options }: Run,
): AsyncGenerator<{ named: NamedFile; outcome: ParseOutcome }> {
  const { signal, passwords } = options;
  const ahead: Promise<ParseOutcome>[] = [];
  let next = 0;
  for (const named of files) {
    for (; next < files.length && ahead.length < ingestFilesAhead; next += 1) {
      const parsing = parser.parse(files[next]!.file, { signal, passwords });
      // It is awaited later. Until then its rejection must count as handled.
      parsing.catch(() => undefined);
      ahead.push(parsing);
    }
    signal?.throwIfAborted();
    yield { named, outcome: await ahead.shift()! };
  }
}

/** Deletes the documents of the given folders whose files are gone. Returns the number of deleted chunks. */
async function removeVanished({ ledger, naming, roots, unread }: Compared, { target, facts, options }: Run): Promise<number> {
  let removed = 0;
  for (const [document, row] of ledger) {
    options.signal?.throwIfAborted();
    if (naming.isClaimed(document)) continue;
    const belongs = roots.has(row.root) || [...roots].some((root) => isWithin(row.file, root));
    // A file that could not be read this time has not vanished.
    if (!belongs || unread.some((path) => isWithin(row.file, path))) continue;
    removed += await dropDocument(target, { namespace: facts.namespace, document, row });
  }
  return removed;
}

const sizeOf = (files: readonly NamedFile[]): number => files.reduce((sum, { file }) => sum + file.bytes, 0);
