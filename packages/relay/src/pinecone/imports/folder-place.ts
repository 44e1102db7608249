import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importFiles } from './import-files.ts';
import type { ImportPlace } from './types.ts';

/**
 * A folder of this machine, as `file:///PATH`. Links are followed before a path is compared with it.
 *
 * @param read the records of a file in it
 */
export function createFolderPlace(folder: string, read: ImportPlace['read']): ImportPlace {
  return {
    scheme: 'file',
    async locate(uri) {
      try {
        const [path, root] = await Promise.all([realpath(fileURLToPath(uri)), realpath(resolve(folder))]);
        return path === root || path.startsWith(`${root}${sep}`) ? path : null;
      } catch {
        return null;
      }
    },
    files: filesIn,
    read,
  };
}

/** Links are not followed. */
async function filesIn(path: string) {
  if ((await stat(path)).isFile()) return importFiles([{ path, below: basename(path) }]);
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return importFiles(
    entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((file) => ({ path: file, below: relative(path, file).split(sep).join('/') })),
  );
}
