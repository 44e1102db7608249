import { join } from 'node:path';
import { existsSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { checkStructure } from './structure/check-structure.ts';
import { connect, FILES, LOG_BYTES, type ConnectMode } from './connect.ts';
import { createFiles, prepareFolder, type CreateOptions } from './create.ts';
import { takeLock, type Lock } from './lock.ts';
import { createReader, scanWith } from './reader.ts';
import { SOUND, watchHealth, type Health } from './structure/health.ts';
import { checkRowsFolder, isLarge } from './peek.ts';
import { RowsError, toRowsError } from './rows-error.ts';
import { logBytes } from './sizes.ts';
import { createSnapshots, type Snapshots } from './snapshots.ts';
import { createTurnstile } from './turnstile.ts';
import type { Rows } from './types.ts';
import { openNoWriter, openWriterHere, openWriterThere, type AsyncWriter } from './writer-thread.ts';

export interface RowsOptions extends CreateOptions {
  /** Writes on the caller's own thread, which waits for the disk. Default: false. */
  here?: boolean;
}

const READER = { cacheKib: 8_192, waitMs: 1_000 };
/** Pause before the log is tried again, in milliseconds. */
const PURGE_PAUSE_MS = 50;

/**
 * Opens the rows in a folder. One opening at a time may hold it, in this process and among all. An opening that is
 * refused leaves every file as it was. On a file system that is read-only it reads, beside others that do.
 *
 * @throws RowsError `locked`, `missing`, `damaged`, `disk`, `read-only` when there is nothing to read
 */
export async function openRows(directory: string, options: RowsOptions = {}): Promise<Rows> {
  const path = join(directory, FILES.rows);
  let lock: Lock | null = null;
  let tidy = (): void => undefined;
  let database: DatabaseSync | null = null;
  let health = SOUND;
  try {
    await prepareFolder(directory, options);
    lock = takeLock(join(directory, FILES.lock));
    const { readOnly } = lock;
    if (!existsSync(`${path}-wal`)) tidy = () => removeEmptyLog(path);
    await createFiles(directory, options, readOnly);
    checkRowsFolder(directory, readOnly);
    const mode = readOnly ? 'frozen' : 'read';
    if (isLarge(path)) health = watchHealth(directory, path, mode);
    database = connect(path, mode, READER);
    const writer = await (readOnly ? openNoWriter : options.here ? openWriterHere : openWriterThere)(directory);
    return createRows({ directory, path, mode, writer, database, health, lock, tidy });
  } catch (error) {
    void health.close();
    database?.close();
    tidy();
    lock?.release();
    throw toRowsError(error, directory);
  }
}

interface Parts {
  directory: string;
  path: string;
  mode: ConnectMode;
  writer: AsyncWriter;
  /** For reads outside of snapshots. */
  database: DatabaseSync;
  health: Health;
  lock: Lock;
  /** Removes the empty log that this opening made. */
  tidy: () => void;
}

function createRows({ directory, path, mode, writer, database, health, lock, tidy }: Parts): Rows {
  const reader = createReader(database, directory, health);
  const snapshots = createSnapshots(() => connect(path, mode, READER), directory, health);
  const turnstile = createTurnstile();
  const step = (): Promise<boolean> => turnstile.alone(() => emptyLog(writer, snapshots, turnstile.passed, () => undefined));
  const keepShort = logKeeper(path, step);
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    snapshots.close();
    database.close();
    await health.close(); // the last connection removes the log, and only the writer can
    await writer.close().then(tidy).finally(lock.release);
  };
  return {
    readOnly: lock.readOnly,
    get: (key) => reader.get(key),
    scan: (range, limit = Infinity) => scanWith(reader, range, limit),
    async batch(operations, { sync = true } = {}) {
      health.check();
      keepShort();
      return turnstile.pass(() => writer.batch(operations, sync));
    },
    snapshot() {
      if (closing) throw new RowsError('disk', `${directory} is closed`);
      return snapshots.take(turnstile.passed);
    },
    async purge(renew) {
      while (!closing && !(await turnstile.alone(() => emptyLog(writer, snapshots, turnstile.passed, renew)))) {
        await new Promise((resolve) => setTimeout(resolve, PURGE_PAUSE_MS));
        await snapshots.released();
      }
    },
    copyLog: async () => void (logBytes(path) > 0 && (await step())),
    checkStructure: () => checkStructure(path, mode),
    fault: () => health.fault(),
    close: () => (closing ??= close()),
  };
}

/** SQLite makes a log to read, and leaves it where nothing was written. */
function removeEmptyLog(path: string): void {
  const log = `${path}-wal`;
  if (!existsSync(log) || logBytes(path) > 0) return;
  for (const made of [log, `${path}-shm`]) rmSync(made, { force: true });
}

/**
 * Empties the log once it is long, before the next write. SQLite does so by itself only when nobody reads, and a
 * snapshot is always open. A snapshot of an older commit may prevent it; then it is tried again when the log has grown
 * as much again.
 */
function logKeeper(path: string, empty: () => Promise<boolean>): () => void {
  let most = LOG_BYTES;
  return () => {
    const bytes = logBytes(path);
    if (bytes <= most) return;
    most = bytes + LOG_BYTES;
    // A disk that fails here also fails the write.
    void empty().then(
      (isEmpty) => void (isEmpty && (most = LOG_BYTES)),
      () => undefined,
    );
  };
}

/**
 * Copies the log into the database, lets the snapshots read from there, and empties the log. False while an older
 * snapshot reads it.
 */
async function emptyLog(writer: AsyncWriter, snapshots: Snapshots, commit: number, renew: () => void): Promise<boolean> {
  renew();
  if (await writer.emptyLog()) return true;
  snapshots.renew(commit);
  return writer.emptyLog();
}
