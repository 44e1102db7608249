import { join } from 'node:path';
import { TributaryError } from '@tributary/schemas';
import { takeLock } from '../rows/lock.ts';
import { RowsError } from '../rows/rows-error.ts';
import { folderError, readManifest, writeManifest, type Manifest } from './manifest.ts';
import { partVersion, syncPartVersion } from './part-version.ts';

/** The parts of a data folder: folders of rows and sealed files, by their path below it. */
export interface FolderParts {
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
  /** Notes a last time. To be called when all parts are closed. May be called again. */
  close(): Promise<void>;
}

/**
 * How often progress is noted, in milliseconds: how old a copy of a part may be without being recognised after a kill.
 */
const noteEveryMs = 10_000;

/**
 * Opens a folder whose keys are there. One opening at a time may hold it, in this process and among all. An opening
 * that is refused leaves every file as it was.
 *
 * @param alone parts below this path are checked when they are expected: without one of them the others are of use
 * @throws TributaryError STORE_LOCKED, DISK_WRITE, DATA_FOLDER when a part is missing or older than it was,
 * FILE_DAMAGED
 */
export async function openFolderParts(directory: string, alone: string | null = null): Promise<FolderParts> {
  const unlock = lock(directory);
  const parts = createParts(directory, await readChecked(directory, alone).catch(unlockAndThrow(unlock)));
  const timer = setInterval(() => void parts.note().catch(() => undefined), noteEveryMs);
  timer.unref();
  let closing: Promise<void> | null = null;
  return {
    ...parts,
    close() {
      clearInterval(timer);
      closing ??= parts.note().finally(unlock);
      return closing;
    },
  };
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

async function readChecked(directory: string, alone: string | null): Promise<Manifest> {
  const manifest = await readManifest(directory);
  if (manifest === null) throw folderError(directory, 'it has no manifest.json');
  for (const [part, noted] of Object.entries(manifest.parts))
    if (alone === null || !part.startsWith(`${alone}/`)) await check(directory, part, noted);
  return manifest;
}

const unlockAndThrow =
  (unlock: () => void) =>
  (error: unknown): never => {
    unlock();
    throw error;
  };

function lock(directory: string): () => void {
  try {
    return takeLock(join(directory, 'lock'));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof RowsError && cause.trouble === 'locked')
      throw new TributaryError('STORE_LOCKED', `${directory} is in use; stop the process that has it open`, { cause });
    throw new TributaryError('DISK_WRITE', `${directory} cannot be locked: ${message}`, { cause });
  }
}

function createParts(directory: string, read: Manifest): Omit<FolderParts, 'close'> {
  let manifest = read;
  /** Each part in use, with a mark of its own: one that is forgotten and made again is another. */
  const used = new Map<string, object>();
  let queue: Promise<unknown> = Promise.resolve();
  const change = (edit: (parts: Record<string, number>) => Promise<boolean>): Promise<void> => {
    const done = queue.then(async () => {
      const parts = { ...manifest.parts };
      if (await edit(parts)) manifest = await writeManifest(directory, { ...manifest, parts });
    });
    queue = done.catch(() => undefined);
    return done;
  };
  const parts: Omit<FolderParts, 'close'> = {
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
    below: (path) => belowPath(parts, path),
  };
  return parts;
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

/** Closing belongs to who opened the folder. */
function belowPath(parts: Omit<FolderParts, 'close'>, path: string): FolderParts {
  return {
    expect: (part) => parts.expect(`${path}/${part}`),
    expected: () =>
      parts
        .expected()
        .filter((part) => part.startsWith(`${path}/`))
        .map((part) => part.slice(path.length + 1)),
    forget: (...gone) => parts.forget(...gone.map((part) => `${path}/${part}`)),
    note: (...only) => parts.note(...only.map((part) => `${path}/${part}`)),
    below: (deeper) => parts.below(`${path}/${deeper}`),
    close: async () => undefined,
  };
}
