import { realpath, stat } from 'node:fs/promises';
import { fileSha256 } from '../../disk/files.ts';
import type { DocumentRow } from '../../disk/values.ts';
import { createNaming, findMoved, type Ledger, type Naming } from './naming.ts';
import type { Run } from './run.ts';
import { unchangedRow } from './unchanged.ts';
import { isWithin, walk, type WalkedFile } from '../walk.ts';

/** A file with the name of its document and what the index knows of that. */
export interface NamedFile {
  file: WalkedFile;
  name: string;
  row: DocumentRow | null;
}

/** What an ingest found before it parsed anything. */
export interface Compared {
  files: WalkedFile[];
  changed: NamedFile[];
  /** Documents that need not be parsed, with the row that they have from now on. */
  unchanged: (NamedFile & { row: DocumentRow; next: DocumentRow })[];
  ledger: Ledger;
  naming: Naming;
  /** Folders given, and those that they were before. */
  roots: ReadonlySet<string>;
  /** Folders and files that could not be looked into: what was in them has not vanished. */
  unread: readonly string[];
}

/** Finds the files and compares each with the ledger; nothing is parsed. */
export async function compare(paths: readonly string[], run: Run): Promise<Compared> {
  const { files, unread } = await findFiles(paths, run);
  const ledger = await readLedger(run);
  const moved = await findMoved(ledger, files, isGone, holdsTheSame);
  const naming = createNaming(ledger, moved);
  const changed: NamedFile[] = [];
  const unchanged: Compared['unchanged'] = [];
  for (const file of files) {
    run.options.signal?.throwIfAborted();
    const { name, row } = naming.claim(file);
    const next = wantsParsing(row, run) ? null : await unchangedRow(file, row, run.made, run.target.now());
    if (row === null || next === null) changed.push({ file, name, row });
    else unchanged.push({ file, name, row, next: { ...next, ...placeOf(file, row) } });
  }
  const roots = new Set([...files.map(({ root }) => root), ...(await realPaths(paths)), ...moved.keys()]);
  return { files, changed, unchanged, ledger, naming, roots, unread };
}

/** Where a document belongs: with the wider of the folders that it came in with. */
export const placeOf = ({ root, real }: WalkedFile, row: DocumentRow | null): Pick<DocumentRow, 'root' | 'file'> => ({
  root: row !== null && isWithin(root, row.root) ? row.root : root,
  file: real,
});

/** A password may open what was closed the last time. */
const wantsParsing = (row: DocumentRow | null, { options }: Run): boolean =>
  (options.passwords ?? []).length > 0 && row !== null && row.left.some(({ code }) => code === 'PARSE_ENCRYPTED');

async function findFiles(
  paths: readonly string[],
  { options, leftOut }: Run,
): Promise<{ files: WalkedFile[]; unread: string[] }> {
  const files: WalkedFile[] = [];
  const unread: string[] = [];
  const found = walk(paths, {
    onSkip(path, reason, same) {
      if (reason === 'unreadable') unread.push(path);
      leftOut.skip(path, reason, same);
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  for await (const file of found) files.push(file);
  return { files, unread: await realPaths(unread) };
}

async function readLedger({ target, facts }: Run): Promise<Ledger> {
  const ledger = new Map<string, DocumentRow>();
  for await (const { document, row } of target.documents(facts.namespace)) ledger.set(document, row);
  return ledger;
}

/** A folder that may not be looked into is still there. */
const isGone = (path: string): Promise<boolean> =>
  stat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ENOTDIR',
  );

async function holdsTheSame(file: WalkedFile, row: DocumentRow): Promise<boolean> {
  if (file.bytes !== row.bytes) return false;
  return file.modified === row.modified || (await fileSha256(file.real).catch(() => null)) === row.sha256;
}

/** Paths as the ledger has them; what cannot be resolved stays as it is. */
const realPaths = (paths: readonly string[]): Promise<string[]> =>
  Promise.all(paths.map((path) => realpath(path).catch(() => path)));
