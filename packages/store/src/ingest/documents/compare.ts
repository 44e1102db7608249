import { realpath, stat } from 'node:fs/promises';
import { fileSha256 } from '../../disk/files.ts';
import type { DocumentRow } from '../../disk/values.ts';
import { createNaming, findMoved, type Ledger, type Naming } from './naming.ts';
import type { Run } from './run.ts';
import { unchangedRow } from './unchanged.ts';
import { isWithin, walk, type WalkedFile } from '../walk.ts';

/** A file with the name of its document and what the index knows of it. */
export interface NamedFile {
  file: WalkedFile;
  name: string;
  row: DocumentRow | null;
}

/** What an ingest found before parsing. */
export interface Compared {
  files: WalkedFile[];
  changed: NamedFile[];
  /** Documents that need no parsing, with their present row and the next one. */
  unchanged: (NamedFile & { row: DocumentRow; next: DocumentRow })[];
  ledger: Ledger;
  naming: Naming;
  /** The given folders, and the paths that they had before. */
  roots: ReadonlySet<string>;
  /** Folders and files that could not be read. Their documents do not count as vanished. */
  unread: readonly string[];
}

/** Finds the files and compares each with the ledger, without parsing. */
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

/** The folder that a document is relative to: the wider of those that it came in with. */
export const placeOf = ({ root, real }: WalkedFile, row: DocumentRow | null): Pick<DocumentRow, 'root' | 'file'> => ({
  root: row !== null && isWithin(root, row.root) ? row.root : root,
  file: real,
});

/** A password may open what could not be opened before. */
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

/** A folder that cannot be read is still there. */
const isGone = (path: string): Promise<boolean> =>
  stat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ENOTDIR',
  );

async function holdsTheSame(file: WalkedFile, row: DocumentRow): Promise<boolean> {
  if (file.bytes !== row.bytes) return false;
  return file.modified === row.modified || (await fileSha256(file.real).catch(() => null)) === row.sha256;
}

/** Real paths, as in the ledger. A path that cannot be resolved stays unchanged. */
const realPaths = (paths: readonly string[]): Promise<string[]> =>
  Promise.all(paths.map((path) => realpath(path).catch(() => path)));
