import type { RecordInput } from '@tributary/schemas';
import type { IngestTarget } from '../ingest-target.ts';
import { ingestBatchChunks, ingestBatchDocuments } from '../limits.ts';
import type { IngestReport } from '../reports.ts';
import type { DocumentChange } from '../write/types.ts';

/** What one document changes, ready to be embedded and written. */
export interface DocumentWork {
  added: RecordInput[];
  unchanged: number;
  removed: string[];
  /** Null when the index knows the document as it is. */
  row: DocumentChange | null;
}

interface BatchParts {
  namespace: string;
  embed(records: RecordInput[], onEmbedded: (count: number) => void): Promise<RecordInput[]>;
  write: IngestTarget['write'];
  /** Counts of the report, kept up to date. */
  chunks: IngestReport['chunks'];
  meter: { embedded(chunks: number): void; written(files: readonly number[]): void };
  signal?: AbortSignal;
}

export interface Batches {
  /** Waits while one full batch is still being embedded or two are on their way. */
  add(work: DocumentWork): Promise<void>;
  /** All documents of a file were added; it counts as done once they are written. */
  endFile(bytes: number): Promise<void>;
  finish(): Promise<void>;
  /** Resolved when nothing is being written any more, also after a failure. */
  settle(): Promise<void>;
}

/** Collects documents into batches: one is being written while the next is embedded and the one after that is collected. */
export function createBatches({ namespace, embed, write, chunks, meter, signal }: BatchParts): Batches {
  let puts: RecordInput[] = [];
  let deletes: string[] = [];
  let documents: DocumentChange[] = [];
  let files: number[] = [];
  let embedding: Promise<unknown> = Promise.resolve();
  let writing: Promise<void> = Promise.resolve();

  const flush = async (): Promise<void> => {
    const before = writing;
    await embedding;
    signal?.throwIfAborted();
    const batch = { puts, deletes, documents, files };
    [puts, deletes, documents, files] = [[], [], [], []];
    const embedded = embed(batch.puts, (count) => meter.embedded(count));
    embedding = embedded;
    writing = (async () => {
      await before;
      const records = await embedded;
      for (const change of slices({ ...batch, puts: records }, namespace)) await write(change);
      chunks.added += records.length;
      chunks.removed += batch.deletes.length;
      meter.written(batch.files);
    })();
    // Whoever waits for a batch hears of its failure; until then nobody listens.
    embedding.catch(() => undefined);
    writing.catch(() => undefined);
    await before;
  };
  return {
    async add(work) {
      if (work.row !== null) documents.push(work.row);
      // Stale chunks go with or after the new ones, so that a document is never missing in between.
      for (const record of work.added) {
        puts.push(record);
        if (puts.length >= ingestBatchChunks) await flush();
      }
      deletes.push(...work.removed);
      if (documents.length >= ingestBatchDocuments || deletes.length >= ingestBatchChunks) await flush();
    },
    async endFile(bytes) {
      files.push(bytes);
      if (files.length >= ingestBatchDocuments) await flush();
    },
    async finish() {
      await flush();
      await writing;
    },
    settle: () => writing.catch(() => undefined),
  };
}

type Change = Parameters<IngestTarget['write']>[0];

/** Cuts a batch into writes of at most `ingestBatchChunks` operations each of puts and deletes. */
export function* slices(
  batch: { puts: RecordInput[]; deletes: string[]; documents: DocumentChange[] },
  namespace: string,
): Generator<Change> {
  const deletes = batch.deletes.map((id) => ({ namespace, id }));
  const { puts, documents } = batch;
  if (puts.length + documents.length > 0) yield { puts, deletes: deletes.splice(0, ingestBatchChunks), documents };
  while (deletes.length > 0) yield { puts: [], deletes: deletes.splice(0, ingestBatchChunks), documents: [] };
}
