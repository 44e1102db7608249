import { batchesMax } from '../limits.ts';
import type { RowChange, Table } from '../../rows/rows.ts';
import { dropDocument } from './entries.ts';
import { keyOf, type Adding, type State } from './state.ts';
import type { BatchRow } from './types.ts';

/** Files that were added together. */
export interface Batches {
  /** @throws RelayError FILE_NOT_FOUND */
  batch(id: string, batch: string): BatchRow;
  addBatch(id: string, adding: readonly Adding[]): Promise<BatchRow>;
  /** Stops its unfinished files and removes what the index has of them. */
  cancelBatch(id: string, batch: string, writer: string | null): Promise<BatchRow>;
}

export function createBatches({ options, jobs, index, batch, put, begin, makeId }: State): Batches {
  const { entries, batches, write, now } = options;
  return {
    batch,
    async addBatch(id, adding) {
      const files = adding.map(({ file }) => file);
      const made: BatchRow = { id: makeId('vsfb_'), store: id, files, cancelled: false, created: now() };
      await begin(id, adding, [...spare(batches), batches.put(made.id, made)]);
      return made;
    },
    async cancelBatch(id, name, writer) {
      const found = batch(id, name);
      const open = found.files.filter((file) => entries.get(keyOf(id, file))?.status === 'in_progress');
      const cancelled: BatchRow = { ...found, cancelled: open.length > 0 || found.cancelled };
      await write([batches.put(name, cancelled)]);
      for (const file of open) {
        await jobs.stop(keyOf(id, file));
        const row = entries.get(keyOf(id, file));
        if (row?.status !== 'in_progress') continue;
        await dropDocument(index(id, writer), row.document);
        await put({ ...row, status: 'cancelled' });
      }
      return cancelled;
    },
  };
}

/** When there are too many batches, the oldest are deleted. */
function spare(batches: Table<BatchRow>): RowChange[] {
  const count = batches.size + 1 - batchesMax;
  if (count <= 0) return [];
  return batches
    .all()
    .toSorted((a, b) => a.created - b.created)
    .slice(0, count)
    .map(({ id }) => batches.drop(id));
}
