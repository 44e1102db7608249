import { constants, existsSync } from 'node:fs';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile, syncFile, syncFolder } from '../files.ts';
import { createDatabase, FILES } from './connect.ts';
import { markerBytes } from './marker.ts';
import { peekCommit } from './peek.ts';
import { readOnlyError, RowsError } from './rows-error.ts';

export interface CreateOptions {
  /** May create the files when there are none. Default: true. */
  create?: boolean;
  /**
   * Page size of a new database in bytes, a power of two from 512 to 65,536. Long rows need long pages. Default: 4,096.
   */
  pageBytes?: number;
}

/** @throws RowsError `missing` when there is no database and none may be created */
export async function prepareFolder(directory: string, { create = true }: CreateOptions): Promise<void> {
  if (existsSync(join(directory, FILES.rows)) || existsSync(join(directory, FILES.marker))) return;
  if (!create) throw new RowsError('missing', `${directory} has no database`);
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch(async (error: unknown) => {
    // `mkdir` does not say why a parent cannot be made.
    await access(await existing(directory), constants.W_OK);
    throw error;
  });
}

/** The nearest folder above that exists. */
const existing = async (path: string): Promise<string> => (existsSync(path) ? path : existing(dirname(path)));

/**
 * Creates what a new folder lacks: the database, then the marker. A database without a single commit has only begun,
 * and gets its marker now.
 *
 * @throws RowsError `damaged` when one of the two has been lost since, `read-only` when something is to be created
 */
export async function createFiles(directory: string, { pageBytes = 4_096 }: CreateOptions, readOnly: boolean): Promise<void> {
  const path = join(directory, FILES.rows);
  const marker = join(directory, FILES.marker);
  if (existsSync(marker)) {
    if (existsSync(path)) return;
    throw new RowsError('damaged', `${directory} has lost its file '${FILES.rows}'`);
  }
  if (existsSync(path) && peekCommit(path, readOnly) > 0n)
    throw new RowsError('damaged', `${directory} has lost its file '${FILES.marker}'`);
  if (readOnly) throw readOnlyError(directory);
  if (!existsSync(path)) {
    const begun = `${path}.new`;
    for (const end of ['', '-wal', '-shm', '-journal']) await rm(begun + end, { force: true });
    await (await open(begun, 'wx', 0o600)).close();
    createDatabase(begun, pageBytes);
    await syncFile(begun);
    await rename(begun, path);
    await syncFolder(directory);
  }
  await replaceFile(marker, markerBytes());
}
