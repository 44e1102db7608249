import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { sparseToBase64url, vectorToBase64url } from '@tributary/proof/primitives';
import { recordRange } from '../disk/keys.ts';
import { decodeRevision, type StoredRevision } from '../disk/values.ts';
import { StoreError } from '../errors.ts';
import { exportChunkBytes } from '../limits.ts';
import type { IndexState } from '../state.ts';
import type { ExportedIndex } from '../reports.ts';

/**
 * Writes the records of the newest snapshot to a new file, a line of JSON each, and syncs it. Writes go on meanwhile
 * and are not in it.
 *
 * @throws StoreError DISK_WRITE, STORE_DAMAGED
 */
export async function exportRecords(path: string, { published }: IndexState): Promise<ExportedIndex> {
  const { reader, write } = published;
  const release = reader.hold();
  const hash = createHash('sha256');
  const namespaces = new Set<string>();
  const result = { sequence: write.sequence, records: 0, bytes: 0 };
  const file = await openNew(path);
  try {
    let lines: string[] = [];
    let waiting = 0;
    const flush = async (): Promise<void> => {
      const chunk = Buffer.from(lines.join(''));
      hash.update(chunk);
      result.bytes += chunk.length;
      [lines, waiting] = [[], 0];
      await file.writeFile(chunk).catch((cause: unknown) => refuse(path, cause));
    };
    for await (const [, value] of reader.scan(recordRange)) {
      const revision = decodeRevision(value, 'a record');
      const line = `${lineOf(revision)}\n`;
      namespaces.add(revision.namespace);
      result.records += 1;
      lines.push(line);
      waiting += line.length;
      if (waiting >= exportChunkBytes) await flush();
    }
    await flush();
    await file.sync().catch((cause: unknown) => refuse(path, cause));
  } finally {
    release();
    await file.close();
  }
  return { ...result, namespaces: namespaces.size, sha256: hash.digest('hex') };
}

/** What its author wrote; the salt and the place in the log are of this index alone. */
function lineOf(revision: StoredRevision): string {
  const { salt: _, version: __, writeIndex: ___, vector, sparse, ...record } = revision;
  return JSON.stringify({
    ...record,
    vector: vectorToBase64url(vector),
    ...(sparse === null ? {} : { sparse: sparseToBase64url(sparse) }),
  });
}

const openNew = (path: string) => open(path, 'wx', 0o600).catch((cause: unknown) => refuse(path, cause));

function refuse(path: string, cause: unknown): never {
  throw new StoreError('DISK_WRITE', `the disk refused ${path}; nothing was kept`, { cause });
}
