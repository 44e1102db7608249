import type { OwnIndexesClient } from '@tributary/client';
import type { OwnIndex, RecordBody, TributaryError } from '@tributary/schemas';
import { ahead } from './ahead.ts';
import { readCheckpoint, removeCheckpoint, saveCheckpoint, type Checkpoint, type Job } from './checkpoint.ts';
import { firstAttemptsMax, refusedNamedMax } from './limits.ts';
import { createPace } from './pace.ts';
import { prepareIndex, type Wanted } from './prepare-index.ts';
import { makeReport, type ImportReport } from './report.ts';
import { patiently, type Patience } from './retry.ts';
import { compareSample, createSample } from './sample.ts';
import { toRecord, type Rules } from './to-record.ts';
import type { Page, Refused, Source, SourceFacts } from './types.ts';
import { writeRecords } from './write-records.ts';

export interface ImportOptions extends Omit<Wanted, 'index'> {
  job: Job;
  /** Path of the checkpoint. */
  checkpoint: string;
  /** Forgets an earlier run. */
  restart: boolean;
  /** Records per second; null is as fast as possible. */
  rate: number | null;
  signal: AbortSignal;
  onStart: (started: { index: OwnIndex; created: boolean; facts: SourceFacts; resumedAt: number }) => void;
  onProgress: (progress: { done: number; total: number; written: number; refused: number }) => void;
  onPause: (error: TributaryError, ms: number) => void;
}

type Node = Pick<OwnIndexesClient, 'ownIndexes' | 'createIndex' | 'index'>;

/**
 * Copies the records of a source into an index of a node, a page at a time. A page counts as done once the node has it
 * on disk; then the checkpoint is saved, from which a later run goes on. A page that is written twice changes nothing.
 *
 * @throws TributaryError IMPORT_MISMATCH, IMPORT_CHECKPOINT, SOURCE_*, DISK_WRITE; the node's refusals
 */
export async function importSource(source: Source, node: Node, options: ImportOptions): Promise<ImportReport> {
  const { job, signal, restart } = options;
  const patience = { signal, onPause: options.onPause };
  // A wrong address should show soon.
  const first = { ...patience, attempts: firstAttemptsMax };
  const facts = await source.describe(first);
  if (restart) await removeCheckpoint(options.checkpoint);
  const saved = await readCheckpoint(options.checkpoint, job);
  const wanted = { ...options, index: job.index };
  const { index, created } = await patiently(() => prepareIndex(node, wanted, facts, signal), first);
  const begun = await begin({ saved, index, facts, node, options, patience });
  options.onStart({ index, created, facts, resumedAt: begun.read });
  const done = await copy(source, node, { facts, index, begun, options, patience });
  const report = await verify(source, node, { facts, index, done, options, patience });
  await removeCheckpoint(options.checkpoint);
  return report;
}

interface Context {
  facts: SourceFacts;
  index: OwnIndex;
  options: ImportOptions;
  patience: Patience;
}
type State = Omit<Checkpoint, 'cursor'> & { cursor: string | null };

/** Goes on from a checkpoint if source and index are those of it, and the index still has what was written. */
async function begin({
  saved,
  index,
  facts,
  node,
  options,
  patience,
}: Context & { saved: Checkpoint | null; node: Node }): Promise<State> {
  const { count, sequence } = await countIn(node, index, facts, options, patience);
  const { id, created } = index;
  const isSame = saved?.to.id === id && saved.to.created === created && saved.version === facts.version;
  if (saved !== null && isSame && saved.sequence <= sequence) return saved;
  const empty = { read: 0, written: 0, changed: 0, refused: { count: 0, named: [] }, sample: [], sequence: 0 };
  const head = { v: 1, type: 'tributary/import', job: options.job, version: facts.version, to: { id, created } } as const;
  return { ...head, cursor: null, ...empty, before: count };
}

/** Reads, writes and remembers page after page. */
async function copy(source: Source, node: Node, { facts, index, begun, options, patience }: Context & { begun: State }) {
  const { job, metric } = options;
  const rules: Rules = { ...index, metric: metric ?? index.metric, embed: job.embed, textField: job.textField };
  const target = node.index(index.id);
  const sample = createSample(begun.sample);
  const pace = createPace(options.rate);
  const stop = new AbortController();
  const pages = source.pages(begun.cursor, facts, { ...patience, signal: AbortSignal.any([options.signal, stop.signal]) });
  let state = begun;
  for await (const page of ahead(pages, () => stop.abort())) {
    await pace(page.records.length, options.signal);
    const { records, refused, changed } = sort(page, rules);
    const namespace = job.namespace ?? page.namespace;
    const written = await writeRecords(target, namespace, records, patience);
    for (const record of keepWritten(records, written.refused)) sample.take(namespace, sampled(record, job.embed));
    state = advance(state, page, { changed, written, refused: [...refused, ...written.refused], sample: sample.records() });
    await saveCheckpoint(options.checkpoint, { ...state, cursor: page.cursor });
    const done = Math.min(page.done ?? state.read, facts.total);
    options.onProgress({ done, total: facts.total, written: state.written, refused: state.refused.count });
  }
  return state;
}

/** Sorts the records of a page into those that can be written and those that cannot. */
function sort(page: Page, rules: Rules): { records: RecordBody[]; refused: Refused[]; changed: number } {
  const records: RecordBody[] = [];
  const refused = [...page.refused];
  let changed = 0;
  for (const given of page.records) {
    const outcome = toRecord(given, rules);
    if ('refused' in outcome) refused.push(outcome.refused);
    else {
      records.push(outcome.record);
      if (outcome.changed) changed += 1;
    }
  }
  return { records, refused, changed };
}

/** What is compared of a record. Vectors that the node makes are not read back. */
const sampled = ({ id, text, vector, sparse, metadata }: RecordBody, embed: boolean) =>
  embed ? { id, text, metadata } : { id, text, vector: vector as string | undefined, sparse, metadata };

function keepWritten(records: readonly RecordBody[], refused: readonly Refused[]): readonly RecordBody[] {
  if (refused.length === 0) return records;
  const ids = new Set(refused.map(({ id }) => id));
  return records.filter(({ id }) => !ids.has(id));
}

function advance(
  state: State,
  page: Page,
  {
    changed,
    written,
    refused,
    sample,
  }: { changed: number; written: { count: number; sequence: number }; refused: readonly Refused[]; sample: State['sample'] },
): State {
  const named = [...state.refused.named, ...refused].slice(0, refusedNamedMax);
  return {
    ...state,
    cursor: page.cursor,
    sequence: Math.max(state.sequence, written.sequence),
    read: state.read + page.records.length + page.refused.length,
    written: state.written + written.count,
    changed: state.changed + changed,
    refused: { count: state.refused.count + refused.length, named },
    sample,
  };
}

/** Compares counts, and a sample to the bit. */
async function verify(
  source: Source,
  node: Node,
  { facts, index, done, options, patience }: Context & { done: State },
): Promise<ImportReport> {
  const { signal, job } = options;
  const { count: now } = await countIn(node, index, facts, options, patience);
  const counted = await source.count(facts, patience);
  const target = node.index(index.id);
  const different = await patiently(() => compareSample(done.sample, target, { embed: job.embed, signal }), patience);
  return makeReport(index.id, done, { now, source: counted, sampled: { compared: done.sample.length, different } });
}

/** Records of the namespaces that are written to. */
async function countIn(
  node: Node,
  { id }: OwnIndex,
  { namespaces }: SourceFacts,
  { job, signal }: ImportOptions,
  patience: Patience,
): Promise<{ count: number; sequence: number }> {
  const { namespaces: all, sequence } = await patiently(() => node.index(id).count(undefined, signal), patience);
  const wanted = new Set(job.namespace === null ? namespaces : [job.namespace]);
  const count = all.filter(({ namespace }) => wanted.has(namespace)).reduce((sum, one) => sum + one.count, 0);
  return { count, sequence };
}
