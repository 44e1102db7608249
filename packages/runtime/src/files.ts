import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TributaryError } from '@tributary/schemas';

/**
 * Replaces a file as a whole. After a crash it holds either the old bytes or the new ones.
 *
 * @throws TributaryError DISK_WRITE, READ_ONLY
 */
export async function replaceFile(path: string, bytes: string | Uint8Array): Promise<void> {
  const temporary = `${path}.new`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await renameSynced(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw writeError(path, cause);
  }
}

/** Whether the file system is read-only. */
export const isReadOnly = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EROFS';

/** What it means that a file could not be written. */
export function writeError(path: string, cause: unknown): TributaryError {
  if (isReadOnly(cause))
    return new TributaryError('READ_ONLY', `${path} cannot be written: its file system is read-only`, { cause });
  return new TributaryError('DISK_WRITE', `${path} could not be written; free space or check the disk`, { cause });
}

/** Renames, and syncs the folder so that the new name survives a power cut. */
export async function renameSynced(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Syncs the names in a folder. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Syncs all files and names below a folder, so that a power cut leaves no part of it out. */
export async function syncTree(path: string): Promise<void> {
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
    // The sync of a file needs no right to write it, so one way serves both.
    if (entry.isFile() || entry.isDirectory()) await syncFolder(join(entry.parentPath, entry.name));
  await syncFolder(path);
}

/** Syncs the content of a file that other code wrote. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
