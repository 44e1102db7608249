import type { ImportPage } from '@tributary/relay';
import { inWords, sparseInput, toSparse, type RecordInput, type SparseInput, type SparseVector } from '@tributary/schemas';
import { CannotHold, toMetadata } from '../../import/metadata.ts';
import { parquetSource, type OpenBytes } from '../../import/sources/parquet.ts';
import type { SourceRecord } from '../../import/types.ts';

/** Columns of Pinecone's bulk import. */
const COLUMNS = { id: 'id', values: 'values', metadata: 'metadata' };

/**
 * The records of a Parquet file, a page at a time.
 *
 * @param openBytes reads it elsewhere than on this machine
 */
export async function* readParquet(path: string, signal: AbortSignal, openBytes?: OpenBytes): AsyncGenerator<ImportPage> {
  const source = parquetSource(path, COLUMNS, openBytes);
  try {
    const patience = { signal, onPause: () => undefined };
    const facts = await source.describe(patience);
    for await (const { records, refused } of source.pages(null, facts, patience)) {
      const page = { records: [] as RecordInput[], refused: refused.map(({ id, reason }) => `${id}: ${reason}`) };
      for (const record of records) add(page, record);
      yield page;
    }
  } finally {
    await source.close();
  }
}

/** The store checks whether the index takes vectors of these kinds. */
function add(page: { records: RecordInput[]; refused: string[] }, { id, vector, sparse, metadata }: SourceRecord): void {
  try {
    const given = sparse == null ? null : readSparse(sparse);
    if (vector === null && given === null) throw new CannotHold('it has no vector');
    page.records.push({
      id,
      ...(vector === null ? {} : { vector: new Float32Array(vector) }),
      ...(given === null ? {} : { sparse: given }),
      metadata: toMetadata(metadata).metadata,
    });
  } catch (error) {
    if (!(error instanceof CannotHold)) throw error;
    page.refused.push(`record '${id}': ${error.message}`);
  }
}

function readSparse(sparse: SparseInput): SparseVector | null {
  const { success, data, error } = sparseInput.safeParse(sparse, { error: inWords });
  if (!success) throw new CannotHold(`its sparse vector ${error.issues[0]?.message ?? 'has a wrong shape'}`);
  return toSparse(data);
}
