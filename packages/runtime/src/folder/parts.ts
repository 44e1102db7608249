import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TributaryError } from '@tributary/schemas';
import { FILES } from '../rows/connect.ts';
import { takeLock, type Lock } from '../rows/lock.ts';
import { checkRowsFolder } from '../rows/peek.ts';
import { RowsError } from '../rows/rows-error.ts';
import { folderError, keyDigest, readManifest, writeManifest, type Manifest } from './manifest.ts';
import { partVersion, syncPartVersion } from './part-version.ts';

/** The parts of a data folder: folders of rows and sealed files, by their path below it. */
export interface FolderParts {
  /** True on a file system that is read-only. Nothing is noted then. */
  readonly readOnly: boolean;
  /**
   * To be called before a part is opened. From now on it is noted how far the part has come.
   *
   * @throws TributaryError DATA_FOLDER when the part is missing or older than it was; FILE_DAMAGED
   */
  expect(part: string): Promise<void>;
  /** Paths of the parts that must be there. */
  expected(): string[];
  /** To be called before parts are removed. Resolves once it is on disk. @throws TributaryError DISK_WRITE */
  forget(...parts: string[]): Promise<void>;
  /** Notes how far all parts have come, or only some. @throws TributaryError DISK_WRITE */
  note(...only: string[]): Promise<void>;
  /** The parts below a path, named from there. */
  below(path: string): FolderParts;
}

/** A data folder that is held by this process. */
export interface DataFolder extends FolderParts {
  /** Notes keys that were made after the folder, by name: `keys/NAME.key`. @throws TributaryError DISK_WRITE */
  noteKeys(keys: Readonly<Record<string, Uint8Array>>): Promise<void>;
  /** Notes a last time. To be called when all parts are closed. May be called again. */
  close(): Promise<void>;
}

/**
 * How often progress is noted, in milliseconds: how old a copy of a part may be without being recognised after a kill.
 */
const noteEveryMs = 10_000;

/**
 * Opens a folder whose keys are there. One opening at a time may hold it, in this process and among all. An opening
 * that is refused leaves every file as it was. On a file system that is read-only the folder is only read, and several
 * openings may.
 *
 * @param alone parts below this path are checked when they are expected: without one of them the others are of use
 * @throws TributaryError STORE_LOCKED, DISK_WRITE, DATA_FOLDER when a part is missing or older than it was,
 * FILE_DAMAGED
 */
export async function openFolderParts(directory: string, alone: string | null = null): Promise<DataFolder> {
  const held = lock(directory);
  const { readOnly } = held;
  const manifest = await readChecked(directory, alone, readOnly).catch(releaseAndThrow(held));
  const parts = readOnly ? readParts(createParts(directory, manifest)) : createParts(directory, manifest);
  const timer = setInterval(() => void parts.note().catch(() => undefined), noteEveryMs);
  timer.unref();
  let closing: Promise<void> | null = null;
  return {
    ...parts,
    close() {
      clearInterval(timer);
      closing ??= parts.note().finally(held.release);
      return closing;
    },
  };
}

/**
 * Checks a folder that is not open yet, before anything beside it is opened. One that was never made is in order.
 *
 * @throws TributaryError DATA_FOLDER when a part is missing or older than it was; FILE_DAMAGED
 */
export async function checkFolder(directory: string): Promise<void> {
  const manifest = await readManifest(directory);
  if (manifest !== null) await checkParts(directory, manifest, null);
}

/**
 * Checks a part of a folder that is not open yet.
 *
 * @throws TributaryError DATA_FOLDER when the part is missing or older than it was; FILE_DAMAGED
 */
export async function checkPart(directory: string, part: string): Promise<void> {
  const noted = (await readManifest(directory))?.parts[part];
  if (noted !== undefined) await check(directory, part, noted);
}

async function readChecked(directory: string, alone: string | null, readOnly: boolean): Promise<Manifest> {
  const manifest = await readManifest(directory);
  if (manifest === null) throw folderError(directory, 'it has no manifest.json');
  await checkParts(directory, manifest, alone, readOnly);
  return manifest;
}

/** All of them before one is opened: opening changes files, and a start that is refused must not. */
async function checkParts(directory: string, { parts }: Manifest, alone: string | null, readOnly = false): Promise<void> {
  for (const [part, noted] of Object.entries(parts)) {
    if (alone !== null && part.startsWith(`${alone}/`)) continue;
    await check(directory, part, noted);
    if (existsSync(join(directory, part, FILES.marker))) checkRows(directory, part, readOnly);
  }
}

/** Rows that cannot be read for another reason than damage are refused by whoever opens them. */
function checkRows(directory: string, part: string, readOnly: boolean): void {
  try {
    checkRowsFolder(join(directory, part), readOnly);
  } catch (cause) {
    if (!(cause instanceof RowsError) || cause.trouble !== 'damaged') return;
    const why = cause.message;
    throw new TributaryError('FILE_DAMAGED', `${why}; restore '${part}' of ${directory} from a backup`, { cause });
  }
}

const releaseAndThrow =
  ({ release }: Lock) =>
  (error: unknown): never => {
    release();
    throw error;
  };

function lock(directory: string): Lock {
  try {
    return takeLock(join(directory, 'lock'));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof RowsError && cause.trouble === 'locked')
      throw new TributaryError('STORE_LOCKED', `${directory} is in use; stop the process that has it open`, { cause });
    throw new TributaryError('DISK_WRITE', `${directory} cannot be locked: ${message}`, { cause });
  }
}

function createParts(directory: string, read: Manifest): Omit<DataFolder, 'close'> {
  let manifest = read;
  /** Each part in use, with a mark of its own: one that is forgotten and made again is another. */
  const used = new Map<string, object>();
  let queue: Promise<unknown> = Promise.resolve();
  const change = (edit: (parts: Record<string, number>, keys: Record<string, string>) => Promise<boolean>): Promise<void> => {
    const done = queue.then(async () => {
      const parts = { ...manifest.parts };
      const keys = { ...manifest.keys };
      if (await edit(parts, keys)) manifest = await writeManifest(directory, { ...manifest, parts, keys });
    });
    queue = done.catch(() => undefined);
    return done;
  };
  const parts: Omit<DataFolder, 'close'> = {
    readOnly: false,
    async expect(part) {
      const noted = manifest.parts[part];
      if (noted !== undefined) await check(directory, part, noted);
      if (!used.has(part)) used.set(part, {});
    },
    expected: () => Object.keys(manifest.parts),
    forget: (...gone) =>
      change(async (noted) => {
        for (const part of gone) used.delete(part);
        const known = gone.filter((part) => noted[part] !== undefined);
        for (const part of known) delete noted[part];
        return known.length > 0;
      }),
    async note(...only) {
      const then = new Map(used);
      const versions = await readVersions(directory, only.length > 0 ? only : [...used.keys()], manifest);
      return change(async (noted) => {
        const changed = [...versions].filter(
          ([part, version]) => then.has(part) && used.get(part) === then.get(part) && version > (noted[part] ?? -1),
        );
        for (const [part, version] of changed) noted[part] = version;
        return changed.length > 0;
      });
    },
    noteKeys: (made) =>
      change(async (_, keys) => {
        const unknown = Object.entries(made).filter(([name]) => keys[name] === undefined);
        for (const [name, key] of unknown) keys[name] = keyDigest(key);
        return unknown.length > 0;
      }),
    below: (path) => belowPath(parts, path),
  };
  return parts;
}

/** Nothing is written, so no part comes further. What is to be forgotten or added is refused. */
function readParts(parts: Omit<DataFolder, 'close'>): Omit<DataFolder, 'close'> {
  const own: Omit<DataFolder, 'close'> = {
    ...parts,
    readOnly: true,
    note: async () => undefined,
    below: (path) => belowPath(own, path),
  };
  return own;
}

/** Versions that are higher than what was noted, each synced: after a power cut no part may be behind the manifest. */
async function readVersions(directory: string, parts: readonly string[], noted: Manifest): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for (const part of parts) {
    const version = await partVersion(directory, part).catch(() => null); // a damaged part is its owner's to report
    if (version === null || version <= (noted.parts[part] ?? -1)) continue;
    await syncPartVersion(directory, part);
    versions.set(part, version);
  }
  return versions;
}

/** A part whose version cannot be read is refused by whoever opens it. */
async function check(directory: string, part: string, noted: number): Promise<void> {
  const version = await partVersion(directory, part).catch(() => noted);
  if (version === null) throw folderError(directory, `'${part}' is missing`);
  if (version < noted) throw folderError(directory, `'${part}' is older than it was (version ${version}, was ${noted})`);
}

function belowPath(parts: FolderParts, path: string): FolderParts {
  return {
    readOnly: parts.readOnly,
    expect: (part) => parts.expect(`${path}/${part}`),
    expected: () =>
      parts
        .expected()
        .filter((part) => part.startsWith(`${path}/`))
        .map((part) => part.slice(path.length + 1)),
    forget: (...gone) => parts.forget(...gone.map((part) => `${path}/${part}`)),
    note: (...only) => parts.note(...only.map((part) => `${path}/${part}`)),
    below: (deeper) => parts.below(`${path}/${deeper}`),
  };
}
