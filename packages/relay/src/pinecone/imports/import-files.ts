import type { ImportFile } from './types.ts';

const ENDING = '.parquet';
const namespaceOf = (folder: string): string => (folder === '__default__' ? '' : folder);

/**
 * The Parquet files that Pinecone would read, in byte order: those of each subfolder, which names their namespace, and
 * those of the folder itself for the default one.
 *
 * @param found with their paths from that folder on, with slashes
 */
export function importFiles(found: Iterable<{ path: string; below: string }>): ImportFile[] {
  const files: ImportFile[] = [];
  for (const { path, below } of found) {
    const parts = below.split('/');
    if (!below.endsWith(ENDING) || parts.length > 2) continue;
    files.push({ path, namespace: parts.length === 1 ? '' : namespaceOf(parts[0]!) });
  }
  return files.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}
