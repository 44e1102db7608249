import { writeOperationsMax, type Sell } from '@tributary/schemas';
import type { DocumentRow } from '../../disk/values.ts';
import { StoreError } from '../../errors.ts';
import type { IngestTarget } from '../types.ts';
import type { DocumentEntry } from '../../disk/records.ts';
import type { DocumentChange } from '../../write/types.ts';
import { storedIds, termUpdates } from './stored.ts';

/**
 * Deletes all records of a document. Its row is deleted with the last of them. A deletion that takes several writes
 * marks the document in the first, so that an interrupted deletion is finished later and the document never counts as
 * whole.
 *
 * @returns the number of records deleted
 */
export async function dropDocument(target: IngestTarget, { namespace, document, row }: DocumentEntry): Promise<number> {
  const ids = await storedIds(target, namespace, document);
  let count = 0;
  for (let at = 0; at === 0 || at < ids.length; at += writeOperationsMax) {
    const some = ids.slice(at, at + writeOperationsMax);
    const isLast = at + writeOperationsMax >= ids.length;
    const next: DocumentChange = { namespace, document, row: isLast ? null : { ...row, state: 'leaving' } };
    const deletes = some.map((id) => ({ namespace, id }));
    count += (await target.write({ puts: [], updates: [], deletes, documents: [next] })).count;
  }
  return count;
}

/** @throws StoreError PATH_NOT_FOUND when the index has no such document */
export async function deleteDocument(
  target: IngestTarget,
  namespace: string,
  document: string,
): Promise<{ records: number; file: string }> {
  const row = await target.documentRow(namespace, document);
  if (row === null) {
    throw new StoreError(
      'PATH_NOT_FOUND',
      `index ${target.name} has no document '${document}'; list them with: documents --index ${target.name}`,
    );
  }
  return { records: await dropDocument(target, { namespace, document, row }), file: row.file };
}

/** Applies the owner's present rules to what is sold, without vectors or files, and finishes interrupted deletions. */
export async function restate(target: IngestTarget, sell: (document: string) => Sell): Promise<{ records: number }> {
  let records = 0;
  for await (const entry of target.documents(null)) {
    if (entry.row.state === 'leaving') await dropDocument(target, entry);
    else records += await restateDocument(target, entry, sell(entry.document));
  }
  return { records };
}

async function restateDocument(target: IngestTarget, { namespace, document, row }: DocumentEntry, sell: Sell): Promise<number> {
  if (row.sell === sell && row.state === 'whole') return 0;
  const terms = { sell, licence: row.licence };
  const ids = await storedIds(target, namespace, document);
  const done: DocumentRow = { ...row, sell };
  for (let at = 0; at === 0 || at < ids.length; at += writeOperationsMax) {
    const some = ids.slice(at, at + writeOperationsMax);
    const isLast = at + writeOperationsMax >= ids.length;
    const updates = termUpdates(namespace, some, terms);
    await target.write({ puts: [], updates, deletes: [], documents: isLast ? [{ namespace, document, row: done }] : [] });
  }
  return ids.length;
}
