import { StoreError, type Index } from '@tributary/store';
import { contentOf, setAttributes } from './records.ts';
import { keyOf, type Adding, type State } from './state.ts';
import type { Attributes, EntryRow } from './types.ts';

/** The files of vector stores. */
export interface Entries {
  entries(id: string): EntryRow[];
  /** @throws RelayError FILE_NOT_FOUND */
  entry(id: string, file: string): EntryRow;
  /** Adds files. They are processed after this has resolved. */
  addFiles(id: string, adding: readonly Adding[]): Promise<EntryRow[]>;
  setAttributes(id: string, file: string, attributes: Attributes | null, writer: string | null): Promise<EntryRow>;
  dropFile(id: string, file: string, writer: string | null): Promise<void>;
  /**
   * The texts of its chunks, in order.
   *
   * @throws StoreError WRITE_TOO_LARGE
   */
  content(id: string, file: string): Promise<string[]>;
}

export function createEntries({ options, jobs, index, entries, entry, put, begin }: State): Entries {
  return {
    entries,
    entry,
    addFiles: (id, adding) => begin(id, adding),
    async setAttributes(id, file, attributes, writer) {
      if (entry(id, file).status === 'in_progress') await jobs.stop(keyOf(id, file));
      const found = entry(id, file);
      if (found.status === 'completed') await setAttributes(index(id, writer), found, found.attributes, attributes);
      const changed = await put({ ...entry(id, file), attributes });
      jobs.add(keyOf(id, file)); // ends at once if the file is done
      return changed;
    },
    async dropFile(id, file, writer) {
      const { document } = entry(id, file);
      await jobs.stop(keyOf(id, file));
      await dropDocument(index(id, writer), document);
      await options.write([options.entries.drop(keyOf(id, file))]);
    },
    content: (id, file) => contentOf(index(id, null), entry(id, file)),
  };
}

/** Deletes a document, if there is one. */
export async function dropDocument(index: Index, document: string): Promise<void> {
  await index.deleteDocument({ namespace: '', document }).catch((error: unknown) => {
    if (!(error instanceof StoreError && error.code === 'PATH_NOT_FOUND')) throw error;
  });
}
