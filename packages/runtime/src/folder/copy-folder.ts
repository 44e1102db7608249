import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FILES } from '../rows/connect.ts';
import { copyRows } from '../rows/copy-rows.ts';
import { takeLock, type Lock } from '../rows/lock.ts';
import { RowsError } from '../rows/rows-error.ts';
import { folderError, readManifest, writeManifest } from './manifest.ts';
import { checkFolder } from './parts.ts';

/**
 * Copies a data folder to an empty one. A folder that nobody uses is held meanwhile and copied byte for byte. One that
 * a process uses is copied beside it: each of its parts is as it was at one moment after the call, so that nothing is
 * missing that was acknowledged before (docs/spec/data-folder.md).
 *
 * @returns whether a process used it
 * @throws TributaryError DATA_FOLDER, FILE_DAMAGED when the copy could not be opened; RowsError `damaged`, `disk`
 */
export async function copyFolder(from: string, to: string): Promise<{ inUse: boolean }> {
  const lock = lockUnlessUsed(from);
  if (lock === null) {
    await copyUsed(from, to);
    return { inUse: true };
  }
  try {
    await cp(from, to, { recursive: true, preserveTimestamps: true, filter: (path) => !path.endsWith('.sock') });
    return { inUse: false };
  } finally {
    lock.release();
  }
}

/** Null when a process holds the folder. Whoever opens one makes the file of the lock; here nothing is made. */
function lockUnlessUsed(directory: string): Pick<Lock, 'release'> | null {
  const path = join(directory, FILES.lock);
  if (!existsSync(path)) return { release: () => undefined };
  try {
    return takeLock(path);
  } catch (error) {
    if (error instanceof RowsError && error.trouble === 'locked') return null;
    throw error;
  }
}

/**
 * Manifests are copied first: no part of the copy is older than they say. Then files, then rows, then files that have
 * come since: what rows name is there before them, and goes after them.
 */
async function copyUsed(from: string, to: string): Promise<void> {
  const before = await walk(from, '');
  for (const path of before.files) await copyIfThere(from, to, path);
  for (const path of before.rows) await copyRowsOf(from, to, path);
  for (const path of (await walk(from, '')).files) if (!existsSync(join(to, path))) await copyIfThere(from, to, path);
  for (const path of before.files) if (isManifest(path)) await leaveRemoved(join(from, dirname(path)), join(to, dirname(path)));
}

interface Found {
  files: string[];
  /** Folders of rows: the ledger and the wallet before what they refer to. */
  rows: string[];
}

/** Everything to copy, manifests first, those of outer folders before inner ones. */
async function walk(root: string, below: string): Promise<Found> {
  const found: Found = { files: [], rows: [] };
  const entries = await readdir(join(root, below), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(below, entry.name);
    if (entry.isFile() && isKept(entry.name)) found.files.push(path);
    if (!entry.isDirectory() || entry.name.startsWith('.') || path === UPLOADS) continue;
    if (existsSync(join(root, path, FILES.marker))) found.rows.push(path);
    else {
      const deeper = await walk(root, path);
      found.files.push(...deeper.files);
      found.rows.push(...deeper.rows);
    }
  }
  const hasHead = (path: string): boolean => found.rows.includes(join(dirname(path), 'db')) && path === headOf(dirname(path));
  return {
    files: found.files.filter((path) => !hasHead(path)).toSorted((a, b) => rankOfFile(a) - rankOfFile(b)),
    rows: found.rows.toSorted((a, b) => rankOfRows(a) - rankOfRows(b)),
  };
}

/** Files on their way in, which every start empties. */
const UPLOADS = 'uploads';
/** Not what is being made or removed, nor what every opening makes. */
const isKept = (name: string): boolean => !/^\.|\.sock$|\.new$|^lock$/.test(name);
const isManifest = (path: string): boolean => /(^|\/)manifest\.json$/.test(path);
const rankOfFile = (path: string): number => (isManifest(path) ? path.split('/').length - 100 : 0);
const rankOfRows = (path: string): number => (/(^|\/)(ledger\/db|wallet)$/.test(path) ? 0 : 1);
const headOf = (path: string): string => join(path, 'head');

/** What is removed meanwhile is left out. */
async function copyIfThere(from: string, to: string, path: string): Promise<void> {
  await mkdir(dirname(join(to, path)), { recursive: true, mode: 0o700 });
  await copyFile(join(from, path), join(to, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** With the head that is written after each of their commits. */
async function copyRowsOf(from: string, to: string, path: string): Promise<void> {
  const head = path.endsWith('/db') ? headOf(dirname(path)) : null;
  const both = head === null ? null : { from: join(from, head), to: join(to, head) };
  try {
    await copyRows(join(from, path), join(to, path), both);
  } catch (error) {
    if (existsSync(join(from, path))) throw error;
    await rm(join(to, path), { recursive: true, force: true });
  }
}

/** Parts that were removed while the folder was copied are not in the copy, and its manifest does not list them. */
async function leaveRemoved(from: string, to: string): Promise<void> {
  const [then, now] = [await readManifest(to), await readManifest(from)];
  if (then === null || now === null) throw folderError(from, 'it has no manifest.json');
  const removed = Object.keys(then.parts).filter((part) => now.parts[part] === undefined);
  for (const part of removed) await rm(join(to, part), { recursive: true, force: true });
  for (const part of removed) await removeRest(to, dirname(part), Object.keys(now.parts));
  if (removed.length > 0) {
    const parts = Object.fromEntries(Object.entries(then.parts).filter(([part]) => !removed.includes(part)));
    await writeManifest(to, { ...then, parts });
  }
  await checkFolder(to);
}

/** The rest of an index: a folder in which no part is left. */
async function removeRest(to: string, folder: string, parts: readonly string[]): Promise<void> {
  if (folder === '.' || parts.some((part) => part.startsWith(`${folder}/`))) return;
  await rm(join(to, folder), { recursive: true, force: true });
}
