import { resolve } from 'node:path';
import type { ImportFolder } from '@tributary/relay';
import type { RecordInput } from '@tributary/schemas';
import { CannotHold, toMetadata } from '../import/metadata.ts';
import { parquetSource } from '../import/sources/parquet.ts';
import type { SourceRecord } from '../import/types.ts';

/** Columns of Pinecone's bulk import. */
const COLUMNS = { id: 'id', values: 'values', metadata: 'metadata' };

/** The folder of `--imports`, with the reader of its files. */
export const importFolder = (folder: string): ImportFolder => ({ folder: resolve(folder), read: readFile });

async function* readFile(path: string, signal: AbortSignal) {
  const source = parquetSource(path, COLUMNS);
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

function add(page: { records: RecordInput[]; refused: string[] }, { id, vector, metadata }: SourceRecord): void {
  try {
    if (vector === null) throw new CannotHold('it has no vector');
    page.records.push({ id, vector: new Float32Array(vector), metadata: toMetadata(metadata).metadata });
  } catch (error) {
    if (!(error instanceof CannotHold)) throw error;
    page.refused.push(`record '${id}': ${error.message}`);
  }
}
