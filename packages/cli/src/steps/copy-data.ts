import { chmod, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { copyFolder, renameSynced, syncTree } from '@tributary/runtime';
import { TributaryError } from '@tributary/schemas';

/**
 * Copies a data folder to a new one, without sockets, atomically; also one that a node uses. Once it returns, the copy
 * survives a power cut.
 *
 * @param prepare changes the copy before it appears under its name
 * @returns whether a node used the folder
 * @throws TributaryError USAGE when the target is not a valid place for a copy; DATA_FOLDER, FILE_DAMAGED
 */
export async function copyData(
  from: string,
  target: string,
  prepare: (draft: string) => Promise<void> = async () => undefined,
): Promise<{ inUse: boolean }> {
  const to = await checkTarget(from, target);
  const draft = `${to}.incomplete`;
  if ((await readdir(draft).catch(() => [])).length > 0)
    throw new TributaryError('USAGE', `${draft} is left over from a copy that was stopped; remove it first`);
  await mkdir(draft, { recursive: true, mode: 0o700 });
  const copied = await copyFolder(from, draft);
  await chmod(draft, 0o700);
  await prepare(draft);
  await syncTree(draft);
  await renameSynced(draft, to);
  return copied;
}

/** The target's full path. A copy inside the data folder would copy itself; one around it would replace it. */
async function checkTarget(from: string, target: string): Promise<string> {
  if (target.trim() === '') throw new TributaryError('USAGE', 'the target is empty; give a new folder');
  const to = await realTarget(resolve(target));
  const data = await realpath(from);
  if (isWithin(data, to)) throw new TributaryError('USAGE', `${to} is inside ${data}; give a folder outside of what is copied`);
  if (isWithin(to, data)) throw new TributaryError('USAGE', `${to} contains ${data} itself; give a new folder`);
  const facts = await stat(to).catch(() => null);
  if (facts !== null && !facts.isDirectory()) throw new TributaryError('USAGE', `${to} is a file; give a new folder`);
  if (facts !== null && (await readdir(to)).length > 0)
    throw new TributaryError('USAGE', `${to} is not empty; give a new folder`);
  return to;
}

/** The path with its links resolved, as far as it exists. */
async function realTarget(path: string): Promise<string> {
  const real = await realpath(path).catch(() => null);
  if (real !== null) return real;
  const parent = dirname(path);
  return parent === path ? path : join(await realTarget(parent), relative(parent, path));
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
