import { ClassicLevel } from 'classic-level';
import { StoreError } from '../errors.ts';
import { scanRecordsMax } from '../limits.ts';
import type { KeyRange } from './keys.ts';

/** One operation of an atomic batch; a value of null deletes. */
export interface DiskOperation {
  key: Buffer;
  value: Uint8Array | null;
}

export interface DiskReader {
  /** Synchronous, so that an answer can be built in one turn. */
  get(key: Buffer): Buffer | undefined;
  scan(range: KeyRange, limit?: number): AsyncGenerator<[Buffer, Buffer]>;
}

/** The content of the database at the moment the snapshot was taken. */
export interface DiskSnapshot extends DiskReader {
  /** Keeps the snapshot readable after `close`, until the returned function is called. */
  hold(): () => void;
  close(): void;
}

/** The ordered key-value store below an index. Tests replace it with a faulty one. */
export interface Database extends DiskReader {
  /** Writes all operations or none; resolves once they are synced. */
  batch(operations: DiskOperation[]): Promise<void>;
  snapshot(): DiskSnapshot;
  /**
   * Removes overwritten and deleted values of the range from the disk, once no closed snapshot is held any more. The
   * bounds themselves must not be keys in use.
   */
  purge(range: KeyRange): Promise<void>;
  close(): Promise<void>;
}

type Level = ClassicLevel<Buffer, Buffer>;
type LevelSnapshot = ReturnType<Level['snapshot']>;

/**
 * Opens the database in `directory` and creates it if it does not exist.
 *
 * @throws StoreError STORE_LOCKED when another process has it open, STORE_DAMAGED, DISK_WRITE
 */
export async function openDatabase(directory: string): Promise<Database> {
  const level = new ClassicLevel<Buffer, Buffer>(directory, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    cacheSize: 64 * 1024 * 1024,
    writeBufferSize: 16 * 1024 * 1024,
  });
  try {
    await level.open();
  } catch (cause) {
    throw openError(cause, directory);
  }
  const retired = new Set<Promise<void>>();
  return {
    get: (key) => get(level, key, undefined),
    scan: (range, limit) => scan(level, undefined, range, limit),
    batch: (operations) => batch(level, operations),
    snapshot: () => readSnapshot(level, retired),
    async purge(range) {
      // LevelDB keeps everything that an open snapshot can still see.
      await Promise.all(retired);
      await purge(level, range);
    },
    close: () => level.close(),
  };
}

/**
 * The first compaction writes the memory table to a file. LevelDB rewrites a file only when it merges a file of a
 * higher level into it, and a value and its deletion may be in the same file of the lowest level. Two tombstones at the
 * bounds create a file above that spans the range.
 */
async function purge(level: Level, { gte, lt }: KeyRange): Promise<void> {
  await level.compactRange(gte, lt);
  await batch(level, [
    { key: gte, value: null },
    { key: lt, value: null },
  ]);
  await level.compactRange(gte, lt);
}

function get(level: Level, key: Buffer, snapshot: LevelSnapshot | undefined): Buffer | undefined {
  try {
    return snapshot === undefined ? level.getSync(key) : level.getSync(key, { snapshot });
  } catch (cause) {
    if (codeOf(cause) === 'LEVEL_CORRUPTION') throw damaged(level.location, cause);
    throw cause;
  }
}

async function batch(level: Level, operations: DiskOperation[]): Promise<void> {
  const list = operations.map(({ key, value }) =>
    value === null
      ? { type: 'del' as const, key }
      : { type: 'put' as const, key, value: Buffer.from(value.buffer, value.byteOffset, value.byteLength) },
  );
  try {
    await level.batch(list, { sync: true });
  } catch (cause) {
    throw new StoreError('DISK_WRITE', `the disk refused a write to ${level.location}; nothing was acknowledged`, { cause });
  }
}

/** @param retired snapshots that were closed by their owner but are not released yet */
function readSnapshot(level: Level, retired: Set<Promise<void>>): DiskSnapshot {
  const snapshot = level.snapshot();
  const gone = Promise.withResolvers<void>();
  let users = 1;
  const release = (): void => {
    users -= 1;
    if (users > 0) return;
    // Nothing can be done about a snapshot that does not close. Closing the database releases it.
    void snapshot.close().then(gone.resolve, () => gone.resolve());
  };
  const hold = (): (() => void) => {
    users += 1;
    return release;
  };
  return {
    get: (key) => get(level, key, snapshot),
    async *scan(range, limit) {
      const done = hold();
      try {
        yield* scan(level, snapshot, range, limit);
      } finally {
        done();
      }
    },
    hold,
    close() {
      retired.add(gone.promise);
      void gone.promise.then(() => retired.delete(gone.promise));
      release();
    },
  };
}

async function* scan(
  level: Level,
  snapshot: LevelSnapshot | undefined,
  range: KeyRange,
  limit = -1,
): AsyncGenerator<[Buffer, Buffer]> {
  const iterator = level.iterator({ ...range, limit, ...(snapshot === undefined ? {} : { snapshot }) });
  try {
    for (;;) {
      const entries = await iterator.nextv(scanRecordsMax);
      if (entries.length === 0) return;
      yield* entries;
    }
  } catch (cause) {
    if (codeOf(cause) === 'LEVEL_CORRUPTION') throw damaged(level.location, cause);
    throw cause;
  } finally {
    await iterator.close();
  }
}

function openError(error: unknown, directory: string): unknown {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (codeOf(cause) === 'LEVEL_LOCKED') {
    return new StoreError('STORE_LOCKED', `${directory} is open in another process; stop it, or use the running node`, { cause });
  }
  if (codeOf(cause) === 'LEVEL_CORRUPTION') return damaged(directory, cause);
  return new StoreError('DISK_WRITE', `${directory} cannot be opened: ${cause instanceof Error ? cause.message : 'unknown'}`, {
    cause,
  });
}

function damaged(directory: string, cause: unknown): StoreError {
  const detail = cause instanceof Error ? cause.message : 'unknown';
  return new StoreError('STORE_DAMAGED', `${directory}: the database is corrupt (${detail}); restore a backup`, { cause });
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
