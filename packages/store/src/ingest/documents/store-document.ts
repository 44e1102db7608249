import type { DocumentRow, LeftOut } from '../../disk/values.ts';
import { StoreError } from '../../errors.ts';
import { leftListedMax } from '../../limits.ts';
import type { IngestReport } from '../../reports.ts';
import { address, rowPrefix } from '../address.ts';
import type { Batches } from '../batches.ts';
import { NO_FLAGS, reportFlags, withFlags } from './flagged.ts';
import { placeOf, type Compared, type NamedFile } from './compare.ts';
import type { Run } from './run.ts';
import { storedIds, termUpdates, type Terms } from './stored.ts';
import type { FileFacts, ParseOutcome } from '../types.ts';

type Unchanged = Compared['unchanged'][number];

/** Keeps an unchanged document. Only its terms, or the facts about its file, may change. */
export async function keepDocument(
  { file, name, row, next }: Unchanged,
  run: Run,
  batches: Batches,
  report: IngestReport,
): Promise<void> {
  if (row.records > 0) report.documents += 1;
  report.chunks.unchanged += row.records;
  reportFlags(name, row.flagged, report);
  tellLeftOut(file.relative, next, run);
  const { namespace } = run.facts;
  const terms = termsOf(name, run);
  const restated = sameTerms(row, terms) ? [] : termUpdates(namespace, await storedIds(run.target, namespace, name), terms);
  const known = restated.length === 0 && sameTerms(row, terms) && JSON.stringify(row) === JSON.stringify(next);
  if (known) return;
  if (restated.length > 0) batches.begin(change(name, { ...row, state: 'partial' }, run));
  await batches.end({ removed: [], restated, row: change(name, { ...next, ...terms }, run), bytes: 0 });
}

/** Brings a parsed file into the index: new chunks are added, old ones removed, and the rest gets the present terms. */
export async function storeDocument(
  named: NamedFile,
  outcome: ParseOutcome,
  run: Run,
  batches: Batches,
  report: IngestReport,
): Promise<void> {
  const { file, name, row } = named;
  if (!outcome.ok) {
    const left = [{ row: null, code: outcome.code, reason: outcome.reason }];
    if (row?.state === 'partial' || row?.state === 'leaving' || outcome.seen === undefined)
      return tellLeftOut(file.relative, { left, leftCount: 1 }, run);
    // The index keeps what it has of the file. The file is not tried again until it changes.
    const before = row ?? rowOf(named, outcome.seen, run, NOTHING);
    const next = { ...before, ...outcome.seen, made: run.made, left, leftCount: 1 };
    return keepDocument({ ...named, row: before, next: { ...next, ...placeOf(file, row) } }, run, batches, report);
  }
  const terms = termsOf(name, run);
  const present = await storedIds(run.target, run.facts.namespace, name);
  batches.begin(change(name, { ...(row ?? rowOf(named, outcome.seen, run, NOTHING)), state: 'partial' }, run));
  const stale = new Set(present);
  const kept = groupByRow(present);
  const staying: string[] = [];
  const left: LeftOut[] = [];
  let [leftCount, added] = [0, 0];
  let flagged = NO_FLAGS;
  const leaveOut = (of: string | null, code: LeftOut['code'], reason: string): void => {
    leftCount += 1;
    if (left.length < leftListedMax) left.push({ row: of, code, reason });
    // The index keeps what it has of a record that cannot be stored.
    for (const id of kept.get(rowPrefix(name, of)) ?? []) if (stale.delete(id)) staying.push(id);
  };
  for (const skipped of outcome.skipped) leaveOut(skipped.row, skipped.code, skipped.reason);
  for (const parsed of outcome.documents) {
    run.options.signal?.throwIfAborted();
    try {
      const document = { ...parsed, document: name };
      const chunks = await run.splitter.split(document);
      const addressed = await address(document, chunks, stale, run.facts);
      flagged = withFlags(flagged, chunks);
      staying.push(...addressed.unchanged);
      added += addressed.added.length;
      run.onFound?.(addressed.added.length);
      for (const record of addressed.added) await batches.add(record);
    } catch (error) {
      if (!isDocumentFault(error)) throw error;
      leaveOut(parsed.row, error.code, error.message);
    }
  }
  report.documents += 1;
  report.chunks.unchanged += staying.length;
  reportFlags(name, flagged, report);
  tellLeftOut(file.relative, { left, leftCount }, run);
  const isStated = row !== null && row.state === 'whole' && sameTerms(row, terms);
  await batches.end({
    removed: [...stale],
    restated: isStated ? [] : termUpdates(run.facts.namespace, staying, terms),
    row: change(name, rowOf(named, outcome.seen, run, { records: staying.length + added, left, leftCount, flagged }), run),
    bytes: file.bytes,
  });
}

const NOTHING = { records: 0, left: [], leftCount: 0, flagged: NO_FLAGS };

const termsOf = (name: string, { facts }: Run): Terms => ({ sell: facts.sell(name), licence: facts.licence });
const sameTerms = (row: Terms, terms: Terms): boolean => row.sell === terms.sell && row.licence === terms.licence;

const change = (document: string, row: DocumentRow, { facts }: Run) => ({ namespace: facts.namespace, document, row });

function rowOf(
  { file, name, row }: NamedFile,
  seen: FileFacts | undefined,
  run: Run,
  made: Pick<DocumentRow, 'records' | 'left' | 'leftCount' | 'flagged'>,
): DocumentRow {
  const facts = seen ?? { bytes: file.bytes, modified: 0, sha256: '' };
  return {
    ...placeOf(file, row),
    ...facts,
    ...termsOf(name, run),
    ...made,
    state: seen === undefined ? 'partial' : 'whole',
    made: run.made,
    time: run.target.now(),
  };
}

/** Groups ids by the record that they were cut from. */
const groupByRow = (ids: readonly string[]): Map<string, string[]> =>
  Map.groupBy(ids, (id) => id.slice(0, id.lastIndexOf('#') + 1));

function tellLeftOut(file: string, { left, leftCount }: Pick<DocumentRow, 'left' | 'leftCount'>, { leftOut }: Run): void {
  for (const { row, code, reason } of left) leftOut.add(row === null ? file : `${file}: ${row}`, code, reason);
  if (leftCount > left.length)
    leftOut.add(file, left[0]!.code, `${leftCount - left.length} more of its records, for such reasons`);
}

/** True for an error that concerns one document only. The others can still be stored. */
function isDocumentFault(error: unknown): error is StoreError {
  return error instanceof StoreError && /^(?:PARSE_\w+|RECORD_INVALID|METADATA_INVALID)$/.test(error.code);
}
