import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface ImportFile {
  path: string;
  namespace: string;
}

const ENDING = '.parquet';
const namespaceOf = (folder: string): string => (folder === '__default__' ? '' : folder);

/**
 * The Parquet files that Pinecone would read there, in byte order: those of each subfolder, which names their
 * namespace, and those of the folder itself for the default one. Links are not followed.
 */
export async function filesIn(path: string): Promise<ImportFile[]> {
  if ((await stat(path)).isFile()) return basename(path).endsWith(ENDING) ? [{ path, namespace: '' }] : [];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ENDING))
    .map(({ parentPath, name }) => ({ path: join(parentPath, name), folder: parentPath }))
    .filter(({ folder }) => folder === path || dirname(folder) === path)
    .map((file) => ({ path: file.path, namespace: file.folder === path ? '' : namespaceOf(basename(file.folder)) }))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}
