import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { renameSynced } from '@tributary/runtime';
import { isTributaryError, type CreateIndexBody, type ErrorCode } from '@tributary/schemas';
import { StoreError, type IndexInfo } from '@tributary/store';
import { RelayError } from '../../errors.ts';
import type { OwnIndexes } from '../../own/types.ts';
import { createJobs } from '../../rows/jobs.ts';
import type { Table, WriteRows } from '../../rows/rows.ts';
import { hasModel } from '../control/kept.ts';
import { backupsMax, restoreJobsMax } from '../limits.ts';
import type { BackupRow, RestoreRow } from './types.ts';
import { writeRecords } from './write-records.ts';

/** A backup to make. */
export interface AskedBackup {
  name: string | null;
  description: string | null;
}
/** An index to make from one. */
export interface AskedRestore {
  name: string;
  tags: Record<string, string> | undefined;
  protected: boolean;
}

/** Copies of own indexes in the node's data folder, and indexes that are made from them. */
export interface Backups {
  all(): BackupRow[];
  /** @throws RelayError FILE_NOT_FOUND */
  get(id: string): BackupRow;
  /**
   * Begins one. Its records are those of a snapshot that is taken after the call.
   *
   * @throws StoreError WRITE_TOO_LARGE, DISK_WRITE
   */
  make(source: IndexInfo, asked: AskedBackup): Promise<BackupRow>;
  /** @throws RelayError FILE_NOT_FOUND; StoreError DISK_WRITE */
  remove(id: string): Promise<void>;
  /**
   * Makes an index and begins to write the records of a backup into it.
   *
   * @throws RelayError FILE_NOT_FOUND, NOT_ALLOWED; StoreError as `own.create`
   */
  restore(id: string, asked: AskedRestore): Promise<RestoreRow>;
  restores(): RestoreRow[];
  /** @throws RelayError FILE_NOT_FOUND */
  restoring(id: string): RestoreRow;
  close(): Promise<void>;
}

export interface BackupsOptions {
  directory: string;
  own: OwnIndexes;
  backups: Table<BackupRow>;
  restores: Table<RestoreRow>;
  write: WriteRows;
  /** True where nothing can be written: nothing is removed or continued. */
  readOnly: boolean;
  now(): number;
  randomId(): string;
}

/** The index is busy, or the node is ending. */
const LATER: ReadonlySet<ErrorCode> = new Set(['STORE_BUSY', 'STORE_CLOSED', 'WORKER_CRASHED']);

/** Opens the backups. Jobs that a stop has interrupted begin again. */
export async function openBackups(options: BackupsOptions): Promise<Backups> {
  const { backups, restores } = options;
  const jobs = createJobs({ run: (key, signal) => run(options, key, signal) });
  if (!options.readOnly) {
    await tidy(options);
    for (const { id, status } of backups.all()) if (status === 'Initializing') jobs.add(id);
    for (const { id, status } of restores.all()) if (status === 'InProgress') jobs.add(id);
  }
  const get = (id: string): BackupRow => found(backups, id, 'backup');
  return {
    all: () => backups.all(),
    get,
    async make(source, asked) {
      const row = toRow(options, source, asked);
      await options.write([backups.put(row.id, row)]);
      jobs.add(row.id);
      return row;
    },
    async remove(id) {
      get(id);
      await jobs.stop(id);
      await options.write([backups.drop(id)]);
      await rm(fileOf(options, id), { force: true }).catch(() => undefined); // else at the next start
    },
    async restore(id, asked) {
      const row = await beginRestore(options, get(id), asked);
      jobs.add(row.id);
      return row;
    },
    restores: () => restores.all(),
    restoring: (id) => found(restores, id, 'restore job'),
    close: () => jobs.close(),
  };
}

const fileOf = ({ directory }: Pick<BackupsOptions, 'directory'>, id: string): string => join(directory, id);

/** Files that a crash left half written, or half removed, are deleted. */
async function tidy({ directory, backups }: BackupsOptions): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of await readdir(directory))
    if (backups.get(name)?.status !== 'Ready') await rm(join(directory, name), { force: true });
}

/** @throws RelayError FILE_NOT_FOUND */
function found<Row>(table: Table<Row>, id: string, what: string): Row {
  const row = table.get(id);
  if (row === undefined) throw new RelayError('FILE_NOT_FOUND', `there is no ${what} ${id}`);
  return row;
}

function toRow({ backups, now, randomId }: BackupsOptions, info: IndexInfo, asked: AskedBackup): BackupRow {
  if (backups.size >= backupsMax)
    throw new StoreError('WRITE_TOO_LARGE', `this node keeps at most ${backupsMax} backups; delete some`);
  const { name, id, tags, attributes } = info;
  return {
    ...asked,
    id: `backup-${randomId()}`,
    status: 'Initializing',
    source: { name, id },
    index: bodyOf(info),
    tags,
    attributes,
    content: null,
    created: now(),
  };
}

/** How to make another index of this kind. */
function bodyOf(info: IndexInfo): CreateIndexBody {
  const { name, dimension, metric, vectors, title, description, licence } = info;
  const dense = vectors === 'sparse' ? {} : { dimension };
  return { name, ...dense, metric, vectors, title, description, licence, ...(hasModel(info) ? { model: info.model.id } : {}) };
}

async function beginRestore(options: BackupsOptions, backup: BackupRow, asked: AskedRestore): Promise<RestoreRow> {
  const { own, restores, write, now, randomId } = options;
  if (backup.content === null)
    throw new RelayError('NOT_ALLOWED', `the backup ${backup.id} is ${backup.status}, not Ready; wait, or make another one`);
  const labels = { tags: asked.tags ?? backup.tags, protected: asked.protected, attributes: backup.attributes };
  const { name, id } = await own.create({ ...backup.index, name: asked.name }, labels);
  const row: RestoreRow = {
    id: `restore-${randomId()}`,
    backup: backup.id,
    target: { name, id },
    status: 'InProgress',
    records: 0,
    of: backup.content.records,
    created: now(),
    completed: null,
  };
  const ended = restores
    .all()
    .filter(({ status }) => status !== 'InProgress')
    .toSorted((a, b) => a.created - b.created);
  const spare = ended.slice(0, Math.max(0, restores.size + 1 - restoreJobsMax));
  await write([...spare.map((one) => restores.drop(one.id)), restores.put(row.id, row)]);
  return row;
}

/** One backup or restore job. */
async function run(options: BackupsOptions, key: string, signal: AbortSignal): Promise<'done' | 'again'> {
  try {
    return await (key.startsWith('backup-') ? exportTo(options, key, signal) : restoreFrom(options, key, signal));
  } catch {
    // The rows cannot be written; the job begins again at the next start.
    return 'done';
  }
}

async function exportTo(options: BackupsOptions, id: string, signal: AbortSignal): Promise<'done' | 'again'> {
  const { own, backups, write } = options;
  const row = backups.get(id);
  if (row?.status !== 'Initializing') return 'done';
  const [path, temporary] = [fileOf(options, id), fileOf(options, `${id}.making`)];
  let ended: Pick<BackupRow, 'status' | 'content'>;
  try {
    await rm(temporary, { force: true });
    const content = await own.index(row.source.id).export(temporary);
    await renameSynced(temporary, path);
    ended = { status: 'Ready', content };
  } catch (error) {
    await rm(temporary, { force: true });
    if (signal.aborted) return 'done';
    if (isLater(error)) return 'again';
    ended = { status: 'Failed', content: null };
  }
  if (!signal.aborted) await write([backups.put(id, { ...row, ...ended })]);
  return 'done';
}

async function restoreFrom(options: BackupsOptions, id: string, signal: AbortSignal): Promise<'done' | 'again'> {
  const { own, backups, restores, write, now } = options;
  const row = restores.get(id);
  if (row?.status !== 'InProgress') return 'done';
  const content = backups.get(row.backup)?.content ?? null;
  const onProgress = (records: number): void => restores.put(id, { ...row, records }).apply();
  let status: RestoreRow['status'] = 'Completed';
  try {
    if (content === null) status = 'Failed';
    else {
      const index = own.index(row.target.id);
      await writeRecords(fileOf(options, row.backup), content.sha256, index, { signal, onProgress });
    }
  } catch (error) {
    if (signal.aborted) return 'done';
    if (isLater(error)) return 'again';
    status = 'Failed';
  }
  const { records } = restores.get(id)!;
  await write([restores.put(id, { ...row, records, status, completed: now() })]);
  return 'done';
}

const isLater = (error: unknown): boolean => isTributaryError(error) && LATER.has(error.code);
