import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { sparseFromBase64url, vectorFromBase64url } from '@tributary/proof/primitives';
import type { RecordInput } from '@tributary/schemas';
import { StoreError, type Index } from '@tributary/store';
import { restoreBatchBytes, restoreBatchRecords } from '../limits.ts';

/**
 * Writes the records of a file into an index, in their order, a batch at a time. Done twice, it writes the same.
 *
 * @throws StoreError STORE_DAMAGED when the file is not what was written, and what `upsert` throws
 */
export async function writeRecords(
  path: string,
  sha256: string,
  index: Pick<Index, 'upsert'>,
  { signal, onProgress }: { signal: AbortSignal; onProgress(records: number): void },
): Promise<void> {
  if ((await hashOf(path)) !== sha256)
    throw new StoreError('STORE_DAMAGED', `the backup ${path} was changed on disk; restore the data folder from a copy`);
  let batch: RecordInput[] = [];
  let bytes = 0;
  let written = 0;
  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    if (batch.length > 0) await index.upsert(batch);
    written += batch.length;
    [batch, bytes] = [[], 0];
    onProgress(written);
  };
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    batch.push(readLine(line));
    bytes += line.length;
    if (batch.length >= restoreBatchRecords || bytes >= restoreBatchBytes) await flush();
  }
  await flush();
}

function readLine(line: string): RecordInput {
  const { vector, sparse, ...record } = JSON.parse(line) as Omit<RecordInput, 'vector' | 'sparse'> & {
    vector: string;
    sparse?: string;
  };
  return {
    ...record,
    // In an index of sparse vectors only there is none.
    ...(vector === '' ? {} : { vector: Float32Array.from(vectorFromBase64url(vector)) }),
    ...(sparse === undefined ? {} : { sparse: sparseFromBase64url(sparse) }),
  };
}

async function hashOf(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  return pipeline(createReadStream(path), hash).then(
    () => hash.digest('hex'),
    () => null,
  );
}
