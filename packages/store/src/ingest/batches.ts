import type { RecordInput } from '@tributary/schemas';
import { ingestBatchChunks, ingestBatchDocuments } from '../limits.ts';
import type { IngestReport } from '../reports.ts';
import type { DocumentChange, Update } from '../write/types.ts';
import type { Embedded, IngestTarget } from './types.ts';

/** The end of a file: deletions, changes of terms, and the row that says that all of it is in the index. */
export interface FileEnd {
  removed: readonly string[];
  restated: readonly Update[];
  row: DocumentChange;
  bytes: number;
}

interface BatchParts {
  namespace: string;
  embed(records: RecordInput[], onEmbedded: (count: number) => void): Promise<Embedded>;
  write: IngestTarget['write'];
  /** Counts of the report, updated as batches are written. */
  chunks: IngestReport['chunks'];
  meter: { embedded(chunks: number): void; written(files: readonly number[]): void };
  signal?: AbortSignal;
}

export interface Batches {
  /** Begins a file. Until its end is written, its row says that it is partial. */
  begin(row: DocumentChange): void;
  /** Waits while one full batch is being embedded or two are waiting to be written. */
  add(record: RecordInput): Promise<void>;
  end(file: FileEnd): Promise<void>;
  finish(): Promise<void>;
  /** Resolves when no write is running any more, even after a failure. */
  idle(): Promise<void>;
}

/** What is written at once, in one statement. */
interface Batch {
  puts: RecordInput[];
  deletes: string[];
  updates: Update[];
  begun: DocumentChange[];
  ended: DocumentChange[];
  files: number[];
}

const emptyBatch = (): Batch => ({ puts: [], deletes: [], updates: [], begun: [], ended: [], files: [] });

/**
 * Collects documents into batches. One batch is written while the next is embedded and a third is collected. A row that
 * says that a document is whole is written with its last record or later, never before.
 */
export function createBatches({ namespace, embed, write, chunks, meter, signal }: BatchParts): Batches {
  let open = emptyBatch();
  let embedding: Promise<unknown> = Promise.resolve();
  let writing: Promise<void> = Promise.resolve();

  const commit = async (batch: Batch, { records, complete }: Embedded): Promise<void> => {
    // Chunks embedded before the signal are kept. Their documents stay partial, and the next ingest continues with
    // them.
    const rest = complete ? batch : { ...batch, deletes: [], updates: [], ended: [] };
    const { deletes, updates, begun, ended } = rest;
    if (!complete && records.length === 0) return;
    await write({
      puts: records,
      updates,
      deletes: deletes.map((id) => ({ namespace, id })),
      documents: [...begun, ...ended],
    });
    chunks.added += records.length;
    chunks.removed += deletes.length;
    if (complete) meter.written(batch.files);
  };
  const flush = async (): Promise<void> => {
    const before = writing;
    await embedding;
    signal?.throwIfAborted();
    const batch = open;
    open = emptyBatch();
    const embedded = embed(batch.puts, (count) => meter.embedded(count));
    embedding = embedded;
    writing = (async () => {
      await before;
      await commit(batch, await embedded);
    })();
    // Whoever awaits the batch gets its error. Until then the rejection must count as handled.
    embedding.catch(() => undefined);
    writing.catch(() => undefined);
    await before;
  };
  const flushWhenFull = async (): Promise<void> => {
    const { puts, deletes, updates, begun, ended, files } = open;
    const operations = puts.length + deletes.length + updates.length;
    const rows = Math.max(begun.length, ended.length, files.length);
    if (operations >= ingestBatchChunks || rows >= ingestBatchDocuments) await flush();
  };
  return {
    begin: (row) => void open.begun.push(row),
    async add(record) {
      open.puts.push(record);
      await flushWhenFull();
    },
    async end({ removed, restated, row, bytes }) {
      // Stale chunks are removed with the new ones or later, so that a document is never missing in between.
      for (const update of restated) {
        open.updates.push(update);
        await flushWhenFull();
      }
      for (const id of removed) {
        open.deletes.push(id);
        await flushWhenFull();
      }
      open.ended.push(row);
      open.files.push(bytes);
      await flushWhenFull();
    },
    async finish() {
      await flush();
      await writing;
      signal?.throwIfAborted();
    },
    idle: () => writing.catch(() => undefined),
  };
}
