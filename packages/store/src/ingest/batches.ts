import type { RecordInput } from '@tributary/schemas';
import { ingestBatchChunks, ingestBatchDocuments } from '../limits.ts';
import type { IngestReport } from '../reports.ts';
import type { DocumentChange, Update } from '../write/types.ts';
import type { Embedded, IngestTarget } from './types.ts';

/** The end of a file: what goes, what gets other terms, and the row that says that all of it is in the index. */
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
  /** Counts of the report, kept up to date. */
  chunks: IngestReport['chunks'];
  meter: { embedded(chunks: number): void; written(files: readonly number[]): void };
  signal?: AbortSignal;
}

export interface Batches {
  /** A file begins: until its end is written, its row says that it is not whole. */
  begin(row: DocumentChange): void;
  /** Waits while one full batch is still being embedded or two are on their way. */
  add(record: RecordInput): Promise<void>;
  end(file: FileEnd): Promise<void>;
  finish(): Promise<void>;
  /** Resolved when nothing is being written any more, also after a failure. */
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
 * Collects documents into batches: one is being written while the next is embedded and the one after that is collected.
 * A row that says that a document is whole is written with the last of its records or after it, never before.
 */
export function createBatches({ namespace, embed, write, chunks, meter, signal }: BatchParts): Batches {
  let open = emptyBatch();
  let embedding: Promise<unknown> = Promise.resolve();
  let writing: Promise<void> = Promise.resolve();

  const commit = async (batch: Batch, { records, complete }: Embedded): Promise<void> => {
    // What was embedded before the signal is kept; its documents stay begun, and the next ingest goes on with them.
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
    // Whoever waits for a batch hears of its failure; until then nobody listens.
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
      // Stale chunks go with or after the new ones, so that a document is never missing in between.
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
