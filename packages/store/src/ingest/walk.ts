import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';

import { StoreError } from '../errors.ts';
import { walkDepthMax, walkFilesMax, walkFolderEntriesMax } from './limits.ts';
import { mediaTypeOf } from './parsers/media-types.ts';
import { isIgnored, readIgnoreRules, type IgnoreRules } from './walk/ignore-rules.ts';

/** A file to ingest. */
export interface WalkedFile {
  absolute: string;
  /** Path below the folder given, with `/`; the name alone of a file given by itself. */
  relative: string;
  /** Size in bytes when it was found. */
  bytes: number;
}

/** Why a path was passed over. */
export type SkipReason = 'hidden' | 'ignored' | 'symlink' | 'unsupported' | 'unreadable' | 'too-deep' | 'special';

export interface WalkOptions {
  signal?: AbortSignal;
  /** Told of every path that is passed over. */
  onSkip?: (path: string, reason: SkipReason) => void;
}

interface Walk {
  options: WalkOptions;
  /** The real path of the folder given, with a separator at its end. */
  root: string;
}

/**
 * Finds the files to ingest below folders, and files given by themselves, in the order of their names (by UTF-16 units). Obeys
 * .gitignore files; passes over hidden files, node_modules, links that leave the folder and kinds that no parser reads. When two
 * of the folders given hold the same relative path, the later one gets its folder's name in front.
 *
 * @throws StoreError PATH_NOT_FOUND for a path given that is not there; PARSE_TOO_LARGE beyond `walkFilesMax` files
 */
export async function* walk(paths: readonly string[], options: WalkOptions = {}): AsyncGenerator<WalkedFile, void, undefined> {
  const absolutes = new Set<string>();
  const relatives = new Set<string>();
  for (const path of paths) {
    for await (const file of walkOne(resolve(path), options)) {
      options.signal?.throwIfAborted();
      if (absolutes.has(file.absolute)) continue;
      const relative = freeName(relatives, file.relative, basename(resolve(path)));
      absolutes.add(file.absolute);
      relatives.add(relative);
      if (absolutes.size > walkFilesMax) throw tooMany(`more than ${walkFilesMax} files`);
      yield { ...file, relative };
    }
  }
}

async function* walkOne(path: string, options: WalkOptions): AsyncGenerator<WalkedFile> {
  const facts = await stat(path).catch((error: unknown) => {
    throw new StoreError('PATH_NOT_FOUND', `There is no readable file or folder ${path}.`, { cause: error });
  });
  if (!facts.isDirectory()) {
    const reason = fileFault(path, facts.isFile());
    if (reason === null) yield { absolute: path, relative: basename(path), bytes: facts.size };
    else options.onSkip?.(path, reason);
    return;
  }
  const real = await realpath(path);
  const walking: Walk = { options, root: real.endsWith(sep) ? real : real + sep };
  yield* walkFolder(walking, path, '', []);
}

async function* walkFolder(
  walking: Walk,
  folder: string,
  prefix: string,
  outer: readonly IgnoreRules[],
): AsyncGenerator<WalkedFile> {
  const { onSkip, signal } = walking.options;
  signal?.throwIfAborted();
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => null);
  if (entries === null) return onSkip?.(folder, 'unreadable');
  if (entries.length > walkFolderEntriesMax) throw tooMany(`a folder with more than ${walkFolderEntriesMax} entries: ${folder}`);
  const own = await readIgnoreRules(folder, prefix);
  const rules = own === null ? outer : [...outer, own];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const absolute = join(folder, entry.name);
    const relative = prefix + entry.name;
    const reason = entryFault(entry, relative, rules);
    if (reason !== null) onSkip?.(absolute, reason);
    else if (entry.isDirectory()) {
      if (relative.split('/').length >= walkDepthMax) onSkip?.(absolute, 'too-deep');
      else yield* walkFolder(walking, absolute, `${relative}/`, rules);
    } else {
      const found = await examine(walking, absolute, entry);
      if (typeof found === 'string') onSkip?.(absolute, found);
      else yield { absolute, relative, bytes: found.bytes };
    }
  }
}

function entryFault(entry: Dirent, relative: string, rules: readonly IgnoreRules[]): SkipReason | null {
  if (entry.name.startsWith('.')) return 'hidden';
  if (entry.name === 'node_modules') return 'ignored';
  return isIgnored(rules, entry.isDirectory() ? `${relative}/` : relative) ? 'ignored' : null;
}

function fileFault(path: string, isFile: boolean): SkipReason | null {
  if (!isFile) return 'special';
  return mediaTypeOf(basename(path)) === null ? 'unsupported' : null;
}

/** The size of a regular file, or why it is passed over. A link counts as the file it leads to, if that lies in the folder given. */
async function examine(walking: Walk, absolute: string, entry: Dirent): Promise<{ bytes: number } | SkipReason> {
  try {
    if (entry.isSymbolicLink() && !(await realpath(absolute)).startsWith(walking.root)) return 'symlink';
    const facts = await stat(absolute);
    if (entry.isSymbolicLink() && !facts.isFile()) return 'symlink';
    return fileFault(absolute, facts.isFile()) ?? { bytes: facts.size };
  } catch {
    return entry.isSymbolicLink() ? 'symlink' : 'unreadable';
  }
}

function freeName(taken: ReadonlySet<string>, relative: string, folder: string): string {
  if (!taken.has(relative)) return relative;
  let name = `${folder}/${relative}`;
  for (let copy = 2; taken.has(name); copy += 1) name = `${folder}~${copy}/${relative}`;
  return name;
}

function tooMany(what: string): StoreError {
  return new StoreError('PARSE_TOO_LARGE', `There are ${what}. Give smaller folders, or list what to leave out in .gitignore.`);
}
