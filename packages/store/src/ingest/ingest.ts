import type { RecordInput, StoreErrorCode } from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import type { IngestTarget } from '../ingest-target.ts';
import { openSplitter, type Splitter } from '../splitter/splitter.ts';
import { ingestFilesAhead, planSampleChunks, rejectedListedMax } from '../limits.ts';
import type { Embedder } from '../types.ts';
import type { IngestOptions, IngestPlan, IngestProgress, IngestReport, RejectedFile } from '../reports.ts';
import { address, chunkIds, idPrefix, type Addressed, type ChunkFacts } from './address.ts';
import { embedRecords } from './embed.ts';
import { createBatches, slices, type Batches, type DocumentWork } from './batches.ts';
import { createNaming, type Naming } from './naming.ts';
import { openParser, type DocumentParser } from './parse.ts';
import { createMeter, type Meter } from './progress.ts';
import type { ParsedDocument, ParseOutcome } from './types.ts';
import { walk, type WalkedFile } from './walk.ts';

interface Rejected {
  files: RejectedFile[];
  count: number;
  /** Full paths of files none of whose documents could be read. */
  unparsed: Set<string>;
  add(file: string, code: StoreErrorCode, reason: string): void;
}

/** What the steps of one ingest share. */
interface Run {
  options: IngestOptions;
  facts: ChunkFacts;
  target: IngestTarget;
  embedder: Embedder;
  parser: DocumentParser;
  splitter: Splitter;
  naming: Naming;
  rejected: Rejected;
}

/**
 * Brings files and folders into an index: walk → parse → split → address → embed → write (which seals, commits and publishes), then
 * deletes what vanished from the folders since their last ingest. Documents are prepared while the ones before are embedded. A
 * stopped ingest leaves what was written, and a repeat goes on from there.
 *
 * @throws StoreError PATH_NOT_FOUND, MODEL_NOT_FOUND for an index that cannot embed, EMBED_FAILED, DISK_WRITE
 */
export async function ingest(
  paths: readonly string[],
  options: IngestOptions,
  onProgress: (progress: IngestProgress) => void,
  target: IngestTarget,
): Promise<IngestReport> {
  const run = startRun(paths, options, target);
  const chunks = { added: 0, unchanged: 0, removed: 0 };
  const report: IngestReport = {
    files: 0,
    documents: 0,
    chunks,
    rejected: run.rejected.files,
    rejectedCount: 0,
    seconds: 0,
    aborted: false,
  };
  let meter: Meter | null = null;
  let writer: Batches | null = null;
  try {
    onProgress({ phase: 'walk', done: 0, total: 0, bytes: 0, rate: 0, secondsLeft: null });
    const found = await findFiles(paths, run);
    report.files = found.files.length;
    meter = createMeter({ files: found.files.length, bytes: sizeOf(found.files) }, () => performance.now(), onProgress);
    writer = createBatches({
      namespace: run.facts.namespace,
      embed: (records, onEmbedded) => embedRecords(records, run.embedder, options.signal, onEmbedded),
      write: target.write,
      chunks,
      meter,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    for await (const { file, outcome } of parseAhead(found.files, run)) {
      for await (const work of documentsOf(file, outcome, run)) {
        report.documents += 1;
        chunks.unchanged += work.unchanged;
        await writer.add(work);
      }
      await writer.endFile(file.bytes);
    }
    await writer.finish();
    meter.phase('remove');
    chunks.removed += await removeVanished(found, run);
  } catch (error) {
    if (options.signal?.aborted !== true) throw error;
    report.aborted = true;
  } finally {
    await writer?.settle();
    await Promise.all([run.parser.close(), run.splitter.close()]);
  }
  return { ...report, rejectedCount: run.rejected.count, seconds: meter?.seconds() ?? 0 };
}

/** What an ingest would do, without writing: everything is parsed and cut, and a sample is embedded to estimate the time. */
export async function planIngest(paths: readonly string[], options: IngestOptions, target: IngestTarget): Promise<IngestPlan> {
  const run = startRun(paths, options, target);
  try {
    const { files } = await findFiles(paths, run);
    let chunks = 0;
    const sample: RecordInput[] = [];
    for await (const { file, outcome } of parseAhead(files, run)) {
      for await (const { added } of documentsOf(file, outcome, run)) {
        chunks += added.length;
        sample.push(...added.slice(0, Math.max(0, planSampleChunks - sample.length)));
      }
    }
    const started = performance.now();
    if (sample.length > 0) await embedRecords(sample, run.embedder, options.signal);
    const each = sample.length === 0 ? null : (performance.now() - started) / 1_000 / sample.length;
    const seconds = each === null ? null : each * chunks;
    return {
      files: files.length,
      chunks,
      bytes: sizeOf(files),
      seconds,
      rejected: run.rejected.files,
      rejectedCount: run.rejected.count,
    };
  } finally {
    await Promise.all([run.parser.close(), run.splitter.close()]);
  }
}

function startRun(paths: readonly string[], options: IngestOptions, target: IngestTarget): Run {
  const { namespace = '', licence = null, sell = 'full', metadata = {} } = options;
  if (target.embedder === null) {
    throw new StoreError(
      'MODEL_NOT_FOUND',
      `index ${target.name} has no embedding model here; make it with one, or write vectors yourself`,
    );
  }
  const rejected: Rejected = {
    files: [],
    count: 0,
    unparsed: new Set(),
    add(file, code, reason) {
      rejected.count += 1;
      if (rejected.files.length < rejectedListedMax) rejected.files.push({ file, code, reason });
    },
  };
  const naming = createNaming(paths, namespace, target);
  return {
    options,
    facts: { namespace, licence, sell: typeof sell === 'function' ? sell : () => sell, metadata },
    target,
    embedder: target.embedder,
    parser: openParser(),
    splitter: openSplitter(target.embedder),
    naming,
    rejected,
  };
}

interface FoundFiles {
  files: WalkedFile[];
  /** Folders and files that could not be looked into: what was in them has not vanished. */
  unread: string[];
}

async function findFiles(paths: readonly string[], { options, rejected }: Run): Promise<FoundFiles> {
  const files: WalkedFile[] = [];
  const unread: string[] = [];
  const onSkip = (path: string, reason: string): void => {
    if (reason !== 'unreadable') return;
    unread.push(path);
    rejected.add(path, 'PARSE_UNREADABLE', 'it cannot be read; check its permissions');
  };
  const walkOptions = { onSkip, ...(options.signal === undefined ? {} : { signal: options.signal }) };
  for await (const file of walk(paths, walkOptions)) files.push(file);
  return { files, unread };
}

/** Outcomes in the order of the files, with up to `ingestFilesAhead` files being parsed. */
async function* parseAhead(
  files: readonly WalkedFile[],
  { parser, options }: Run,
): AsyncGenerator<{ file: WalkedFile; outcome: ParseOutcome }> {
  const { signal } = options;
  const ahead: Promise<ParseOutcome>[] = [];
  let next = 0;
  for (const file of files) {
    for (; next < files.length && ahead.length < ingestFilesAhead; next += 1) {
      const parsing = parser.parse(files[next]!, signal === undefined ? {} : { signal });
      // It is awaited in its turn; until then nobody listens to its failure.
      parsing.catch(() => undefined);
      ahead.push(parsing);
    }
    signal?.throwIfAborted();
    yield { file, outcome: await ahead.shift()! };
  }
}

/** Documents of one file, cut and compared with the index; those that cannot be taken in are reported and left as they were. */
async function* documentsOf(file: WalkedFile, outcome: ParseOutcome, run: Run): AsyncGenerator<DocumentWork> {
  const { rejected, naming } = run;
  if (!outcome.ok) {
    rejected.unparsed.add(file.absolute);
    return rejected.add(file.relative, outcome.code, outcome.reason);
  }
  const root = naming.rootOf(file.absolute);
  for (const { document, code, reason } of outcome.skipped) {
    rejected.add(`${file.relative}: ${document}`, code, reason);
    await naming.claim(document, file.absolute, root);
  }
  for (const parsed of outcome.documents) {
    const claim = await naming.claim(parsed.document, file.absolute, root);
    if (claim === null) {
      rejected.add(
        `${file.relative}: ${parsed.document}`,
        'RECORD_INVALID',
        'another file of this ingest has a document of that name',
      );
      continue;
    }
    const { name } = claim;
    try {
      const addressed = await addressDocument({ ...parsed, document: name }, run);
      const row = { root, file: file.absolute, sha256: parsed.sha256 };
      const known = claim.row?.root === row.root && claim.row.file === row.file && claim.row.sha256 === row.sha256;
      yield { ...addressed, row: known ? null : { namespace: run.facts.namespace, document: name, row } };
    } catch (error) {
      if (!isDocumentFault(error)) throw error;
      rejected.add(`${file.relative}: ${name}`, error.code, error.message);
    }
  }
}

/** True for what is wrong with one document only; the others can still be taken in. */
function isDocumentFault(error: unknown): error is StoreError {
  return error instanceof StoreError && /^(?:PARSE_\w+|RECORD_INVALID|METADATA_INVALID)$/.test(error.code);
}

async function addressDocument(document: ParsedDocument, { splitter, target, facts }: Run): Promise<Addressed> {
  const chunks = await splitter.split(document);
  const present = chunkIds(document.document, await target.ids(facts.namespace, idPrefix(document.document)));
  return address(document, chunks, present, facts);
}

/** Deletes the documents of the folders given that are in none of their files any more. Returns how many chunks that were. */
async function removeVanished({ unread }: FoundFiles, run: Run): Promise<number> {
  const { target, naming, facts, options, rejected } = run;
  const { namespace } = facts;
  let removed = 0;
  for await (const { document, row } of target.documents(namespace)) {
    options.signal?.throwIfAborted();
    if (!naming.roots.has(row.root) || naming.isClaimed(document)) continue;
    // What could not be read this time has not vanished.
    if (rejected.unparsed.has(row.file) || unread.some((path) => row.file === path || row.file.startsWith(`${path}/`))) continue;
    const ids = chunkIds(document, await target.ids(namespace, idPrefix(document)));
    const change = { puts: [], deletes: ids, documents: [{ namespace, document, row: null }] };
    for (const part of slices(change, namespace)) removed += (await target.write(part)).count;
  }
  return removed;
}

const sizeOf = (files: readonly WalkedFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);
