import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { syncFile, syncFolder } from '../files.ts';
import { connect, FILES } from './connect.ts';
import { markerBytes, readMarker } from './marker.ts';
import { RowsError, toRowsError } from './rows-error.ts';
import { readCommit } from './writer.ts';

const CONNECTION = { cacheKib: 8_192, waitMs: 5_000 };
/** Pages that one step copies; the thread is free between steps. */
const STEP_PAGES = 1_000;
/** A moment between two writes of a head is found at once, or soon. */
const TRIES = 1_000;
const PAUSE_MS = 1;

/**
 * Copies rows that another process may have open and write, as they are at one moment after the call: every commit that
 * was acknowledged before it is in the copy. Nobody waits for it; a purge does.
 *
 * @param head file that names a commit of these rows, and is written after each; it is copied as of the same moment
 * @param to the copy's folder, and the path of its head
 * @throws RowsError `missing`, `damaged`, `disk`
 */
export async function copyRows(
  directory: string,
  to: string,
  head: { from: string; to: string } | null = null,
): Promise<{ commit: number }> {
  if (!existsSync(join(directory, FILES.marker))) throw new RowsError('missing', `${directory} has no database`);
  const acknowledged = readMarker(join(directory, FILES.marker));
  const database = connect(join(directory, FILES.rows), 'read', CONNECTION);
  try {
    const headBytes = await beginBetweenWrites(database, head?.from ?? null, directory);
    const commit = readCommit(database);
    if (commit < acknowledged) throw new RowsError('damaged', `${directory}: acknowledged writes are missing from the database`);
    await mkdir(to, { recursive: true, mode: 0o700 });
    await backup(database, join(to, FILES.rows), { rate: STEP_PAGES });
    await finish(to, commit);
    if (head !== null && headBytes !== null) await writeSynced(head.to, headBytes);
    return { commit: Number(commit) };
  } catch (error) {
    throw toRowsError(error, directory);
  } finally {
    database.close();
  }
}

/**
 * Begins a read transaction at a moment at which the head did not change. A head is at most one commit behind its rows,
 * and never ahead. Returns its bytes.
 */
async function beginBetweenWrites(database: DatabaseSync, head: string | null, directory: string): Promise<Buffer | null> {
  const read = (): Buffer | null => (head === null || !existsSync(head) ? null : readFileSync(head));
  for (let left = TRIES; left > 0; left -= 1) {
    const before = read();
    database.exec('BEGIN; SELECT 1 FROM rows LIMIT 1;');
    const after = read();
    if (before === null ? after === null : after !== null && before.equals(after)) return after;
    database.exec('ROLLBACK');
    await delay(PAUSE_MS);
  }
  throw new RowsError('disk', `${directory} is written without a pause; copy it again later`);
}

/** A copied database has no log and another mode; its marker says what it has. */
async function finish(to: string, commit: bigint): Promise<void> {
  const path = join(to, FILES.rows);
  const copy = new DatabaseSync(path);
  try {
    copy.exec('PRAGMA journal_mode = WAL');
  } finally {
    copy.close();
  }
  chmodSync(path, 0o600);
  await syncFile(path);
  await writeSynced(join(to, FILES.marker), markerBytes(commit));
  await syncFolder(to);
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes, { mode: 0o600 });
  await syncFile(path);
}
