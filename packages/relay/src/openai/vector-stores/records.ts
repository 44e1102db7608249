import { writeOperationsMax, type Metadata } from '@tributary/schemas';
import { StoreError, type Index, type StoredRecord } from '@tributary/store';
import { contentBytesMax } from '../limits.ts';
import type { Attributes, EntryRow } from './types.ts';

type Document = Pick<EntryRow, 'id'>;

/** Records of a file, one page after another. */
async function* pagesOf(index: Index, { id }: Document): AsyncGenerator<StoredRecord[]> {
  // Documents are named FILE_ID/NAME, and the ids of their records begin with that.
  const prefix = `${id}/`;
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<Index['list']>> = await index.list({
      prefix,
      limit: writeOperationsMax,
      ...(after === null ? {} : { after }),
    });
    if (page.ids.length > 0) yield await index.fetch(page.ids);
    after = page.next;
  } while (after !== null);
}

/** Replaces the attributes of a file's records; their vectors stay. */
export async function setAttributes(
  index: Index,
  document: Document,
  before: Attributes | null,
  after: Attributes | null,
): Promise<void> {
  for await (const records of pagesOf(index, document)) {
    const changed = records.map(({ id, namespace, text, vector, metadata, source, licence, sell }) => ({
      id,
      namespace,
      text,
      vector: Float32Array.from(vector),
      metadata: withAttributes(metadata, before ?? {}, after ?? {}),
      source,
      licence,
      sell,
    }));
    await index.upsert(changed);
  }
}

/** Rows of tables also have metadata of their own, which stay. */
function withAttributes(metadata: Metadata, before: Attributes, after: Attributes): Metadata {
  const own = Object.entries(metadata).filter(([name]) => !Object.hasOwn(before, name));
  return { ...Object.fromEntries(own), ...after };
}

/**
 * The texts of a file's chunks, in order.
 *
 * @throws StoreError INPUT_TOO_LARGE
 */
export async function contentOf(index: Index, document: Document): Promise<string[]> {
  const chunks: { text: string; start: number }[] = [];
  let bytes = 0;
  for await (const records of pagesOf(index, document)) {
    for (const { text, source } of records) {
      bytes += Buffer.byteLength(text);
      if (bytes > contentBytesMax)
        throw new StoreError(
          'WRITE_TOO_LARGE',
          `the text of this file has more than ${contentBytesMax} bytes; GET /v1/files/${document.id}/content has the file`,
        );
      chunks.push({ text, start: source?.start ?? 0 });
    }
  }
  return chunks.toSorted((a, b) => a.start - b.start).map(({ text }) => text);
}
