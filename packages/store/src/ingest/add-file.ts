import { stat } from 'node:fs/promises';
import { StoreError } from '../errors.ts';
import type { AddedFile, AddFileProgress, IngestOptions, IngestReport, NewFile } from '../reports.ts';
import { createBatches } from './batches.ts';
import type { NamedFile } from './documents/compare.ts';
import { emptyReport, endRun, startRun, type Run } from './documents/run.ts';
import { keepDocument, storeDocument } from './documents/store-document.ts';
import { madeFrom, unchangedRow } from './documents/unchanged.ts';
import { dropDocument } from './documents/upkeep.ts';
import { uploadPath } from './documents/uploads.ts';
import { embedRecords } from './embed.ts';
import { documentTypeOf, mediaTypeOf } from './parse/media-types.ts';
import type { DocumentParser } from './parse/parse.ts';
import type { IngestTarget } from './types.ts';

/** A file from a caller is never opened with passwords, and the parser belongs to the store. */
interface AddFileParts {
  target: IngestTarget;
  parser: Pick<DocumentParser, 'parse'>;
}

/**
 * Adds one file from a caller to an index, by the same steps as the files of a folder: compare → parse → split →
 * address → embed → write. A file that cannot be read leaves the index unchanged. A file that is interrupted leaves its
 * document `partial`, and adding it again continues from there.
 *
 * @throws StoreError PARSE_*, RECORD_INVALID, METADATA_INVALID; MODEL_NOT_FOUND, EMBED_FAILED, DISK_WRITE
 */
export async function addFile(
  given: NewFile,
  options: IngestOptions,
  onProgress: (progress: AddFileProgress) => void,
  { target, parser }: AddFileParts,
): Promise<Omit<AddedFile, 'sequence'>> {
  options.signal?.throwIfAborted();
  const progress = { found: 0, embedded: 0 };
  const tell = (more: Partial<AddFileProgress>): void => onProgress({ ...Object.assign(progress, more) });
  // The parser stays open when the run ends.
  const run: Run = {
    ...startRun(options, target, { parse: (...file) => parser.parse(...file), close: async () => undefined }),
    onFound: (chunks) => tell({ found: progress.found + chunks }),
  };
  const report = emptyReport(run);
  const batches = createBatches({
    namespace: run.facts.namespace,
    embed: (records, onEmbedded) => embedRecords(records, run.embedder, options.signal, onEmbedded),
    write: target.write,
    chunks: report.chunks,
    meter: { embedded: (count) => tell({ embedded: progress.embedded + count }), written: () => undefined },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    await store(await nameFile(given, run), run, batches, report);
    await batches.finish();
    return await resultOf(given.name, run, report);
  } finally {
    await batches.idle();
    await endRun(run);
  }
}

/**
 * The file with what the index knows of its document. Its media type follows from its name, otherwise from what was
 * stated.
 */
async function nameFile({ path, name, mediaType }: NewFile, run: Run): Promise<NamedFile & { mediaType?: string }> {
  const type = mediaTypeOf(name) === null ? documentTypeOf(name, mediaType) : null;
  if (type !== null) run.made = madeFrom(run.options, type);
  const place = uploadPath(name);
  const { size: bytes } = await stat(path);
  const file = { absolute: path, real: place, root: place, relative: name, bytes, modified: 0 };
  const row = await run.target.documentRow(run.facts.namespace, name);
  return { file, name, row, ...(type === null ? {} : { mediaType: type }) };
}

async function store(
  { mediaType, ...named }: NamedFile & { mediaType?: string },
  run: Run,
  batches: ReturnType<typeof createBatches>,
  report: IngestReport,
): Promise<void> {
  const { file, row } = named;
  const same = await unchangedRow({ ...file, real: file.absolute }, row, run.made, run.target.now());
  if (row !== null && same !== null) {
    const next = { ...same, root: file.root, file: file.real };
    return keepDocument({ ...named, row, next }, run, batches, report);
  }
  const { signal } = run.options;
  const outcome = await run.parser.parse({ ...file, ...(mediaType === undefined ? {} : { mediaType }) }, { signal });
  if (!outcome.ok) throw new StoreError(outcome.code, outcome.reason);
  await storeDocument(named, outcome, run, batches, report);
}

/** What the index has of the document now. A document without any stored record is removed. */
async function resultOf(document: string, run: Run, { chunks }: IngestReport): Promise<Omit<AddedFile, 'sequence'>> {
  const { namespace } = run.facts;
  const row = await run.target.documentRow(namespace, document);
  if (row === null) throw new StoreError('STORE_BUSY', `'${document}' was deleted meanwhile; hand it over again`);
  const [first] = row.left;
  if (first !== undefined && row.records === 0) {
    await dropDocument(run.target, { namespace, document, row });
    throw new StoreError(first.code, first.reason);
  }
  const why = first === undefined ? null : first.row === null ? first.reason : `${first.row}: ${first.reason}`;
  const leftOut = { count: row.leftCount, first: why };
  return { namespace, document, bytes: row.bytes, records: row.records, chunks, leftOut, flagged: row.flagged };
}
