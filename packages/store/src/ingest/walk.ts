import type { BigIntStats, Dirent } from 'node:fs';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';

import ignore, { type Ignore } from 'ignore';
import { StoreError } from '../errors.ts';
import { ignoreFileBytesMax, walkDepthMax, walkFilesMax, walkFolderEntriesMax } from '../limits.ts';
import { mediaTypeOf } from './parse/media-types.ts';

/** True for a path that is `folder` or inside it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** A file to ingest. */
export interface WalkedFile {
  absolute: string;
  /** Real path, by which two paths to one file are recognised. */
  real: string;
  /** Real path of the given folder, or of the file itself when it was given. */
  root: string;
  /** Path below the given folder, with `/`; for a given file, its name. */
  relative: string;
  /** Size in bytes and modification time in milliseconds when it was found. */
  bytes: number;
  modified: number;
}

/** Why a path was skipped. */
export type SkipReason = 'hidden' | 'ignored' | 'symlink' | 'unsupported' | 'unreadable' | 'too-deep' | 'special' | 'duplicate';

export interface WalkOptions {
  signal?: AbortSignal;
  /** Called for every path that is skipped. `same` is the path under which a duplicate was found first. */
  onSkip?: (path: string, reason: SkipReason, same?: string) => void;
}

interface Walk {
  options: WalkOptions;
  /** The real path of the given folder, with a separator at its end. */
  root: string;
}

/** The result of `walkOne`. The inode number identifies hard links. */
type Found = WalkedFile & { node: string };

/**
 * Finds the files to ingest: given files, and those below given folders, in the order of their names (by UTF-16 units).
 * It obeys .gitignore files and skips hidden files, node_modules, links that leave the folder, and formats that no
 * parser reads. A file that several paths lead to is found once. Of nested folders the outer one is walked first.
 *
 * @throws StoreError PATH_NOT_FOUND for a given path that does not exist; PARSE_TOO_LARGE beyond `walkFilesMax` files
 */
export async function* walk(paths: readonly string[], options: WalkOptions = {}): AsyncGenerator<WalkedFile, void, undefined> {
  const places = new Map<string, string>();
  const given = await Promise.all(paths.map(async (path) => ({ path: resolve(path), real: await realPathOf(resolve(path)) })));
  const inside = (real: string): number => given.filter((other) => other.real !== real && isWithin(real, other.real)).length;
  for (const { path, real } of given.toSorted((a, b) => inside(a.real) - inside(b.real))) {
    for await (const { node, ...file } of walkOne(path, real, options)) {
      options.signal?.throwIfAborted();
      const same = places.get(file.real) ?? places.get(node);
      if (same !== undefined) {
        if (same !== file.absolute) options.onSkip?.(file.absolute, 'duplicate', same);
        continue;
      }
      places.set(file.real, file.absolute).set(node, file.absolute);
      if (places.size > walkFilesMax * 2) throw tooMany(`more than ${walkFilesMax} files`);
      yield file;
    }
  }
}

async function realPathOf(path: string): Promise<string> {
  return realpath(path).catch((error: unknown) => {
    throw new StoreError('PATH_NOT_FOUND', `There is no readable file or folder ${path}.`, { cause: error });
  });
}

async function* walkOne(path: string, real: string, options: WalkOptions): AsyncGenerator<Found> {
  const facts = await stat(real, { bigint: true });
  if (facts.isDirectory()) return yield* walkFolder({ options, root: real.endsWith(sep) ? real : real + sep }, path, '', []);
  const reason = fileFault(path, facts.isFile());
  if (reason === null) yield { absolute: path, real, root: real, relative: basename(path), ...factsOf(facts) };
  else options.onSkip?.(path, reason);
}

async function* walkFolder(walking: Walk, folder: string, prefix: string, outer: readonly IgnoreRules[]): AsyncGenerator<Found> {
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
      const found = await examine(walking, absolute, relative, entry);
      if (typeof found === 'string') onSkip?.(absolute, found);
      else yield found;
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

/** A regular file, or the reason why it is skipped. A link counts as its target, if that is inside the given folder. */
async function examine({ root }: Walk, absolute: string, relative: string, entry: Dirent): Promise<Found | SkipReason> {
  const isLink = entry.isSymbolicLink();
  try {
    const real = isLink ? await realpath(absolute) : root + relative;
    if (!real.startsWith(root)) return 'symlink';
    const facts = await stat(real, { bigint: true });
    if (isLink && !facts.isFile()) return 'symlink';
    const fault = fileFault(absolute, facts.isFile());
    if (fault !== null) return fault;
    return { absolute, real, root: root.slice(0, -1) || sep, relative, ...factsOf(facts) };
  } catch {
    return isLink ? 'symlink' : 'unreadable';
  }
}

const factsOf = ({ size, mtimeMs, dev, ino }: BigIntStats): Pick<Found, 'bytes' | 'modified' | 'node'> => ({
  bytes: Number(size),
  modified: Number(mtimeMs),
  node: `${dev}:${ino}`,
});

function tooMany(what: string): StoreError {
  return new StoreError('PARSE_TOO_LARGE', `There are ${what}. Give smaller folders, or list what to leave out in .gitignore.`);
}

/** The .gitignore of one folder. `prefix` is that folder's path below the root, '' or ending in '/'. */
interface IgnoreRules {
  prefix: string;
  rules: Ignore;
}

/** Reads the .gitignore of a folder, if it is a file of acceptable size. */
async function readIgnoreRules(folder: string, prefix: string): Promise<IgnoreRules | null> {
  const path = join(folder, '.gitignore');
  try {
    const facts = await stat(path);
    if (!facts.isFile() || facts.size > ignoreFileBytesMax) return null;
    return { prefix, rules: ignore().add(await readFile(path, 'utf8')) };
  } catch {
    return null;
  }
}

/** Whether git would ignore the path (folders end in '/'). The innermost folder with a matching rule decides. */
function isIgnored(stack: readonly IgnoreRules[], path: string): boolean {
  let ignored = false;
  for (const { prefix, rules } of stack) {
    const verdict = rules.test(path.slice(prefix.length));
    if (verdict.ignored) ignored = true;
    else if (verdict.unignored) ignored = false;
  }
  return ignored;
}
