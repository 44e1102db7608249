import { countsOf, type BatchRow, type EntryRow, type Status, type StoreRow } from './types.ts';

// Vector stores, their files and batches as OpenAI's clients see them.

const seconds = (ms: number): number => Math.floor(ms / 1_000);

/** A vector store with the rows of its files. */
export interface StoreView {
  store: StoreRow;
  entries: readonly EntryRow[];
}

export function toStore({ store, entries }: StoreView) {
  const counts = countsOf(entries.map(({ status }) => status));
  return {
    id: store.id,
    object: 'vector_store',
    created_at: seconds(store.created),
    name: store.name,
    description: store.description,
    status: counts.in_progress > 0 ? 'in_progress' : 'completed',
    usage_bytes: entries.reduce((sum, { usage }) => sum + usage, 0),
    last_active_at: seconds(store.active),
    metadata: store.metadata,
    file_counts: counts,
    expires_after: null,
    expires_at: null,
  };
}

export const toEntry = ({ id, store, status, usage, error, attributes, chunkTokens, created }: EntryRow) => ({
  id,
  object: 'vector_store.file',
  created_at: seconds(created),
  vector_store_id: store,
  status,
  usage_bytes: usage,
  last_error: error,
  attributes: attributes ?? {},
  chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: chunkTokens, chunk_overlap_tokens: 0 } },
});

/** A batch with the state of its files. A file that left the store counts as cancelled. */
export interface BatchView {
  batch: BatchRow;
  statuses: Status[];
}

export function toBatch({ batch, statuses }: BatchView) {
  const counts = countsOf(statuses);
  const ended = batch.cancelled ? 'cancelled' : counts.failed === counts.total ? 'failed' : 'completed';
  return {
    id: batch.id,
    object: 'vector_store.file_batch',
    created_at: seconds(batch.created),
    vector_store_id: batch.store,
    status: counts.in_progress > 0 ? 'in_progress' : ended,
    file_counts: counts,
  };
}
