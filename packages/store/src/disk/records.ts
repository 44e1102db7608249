import type { DiskReader, DiskSnapshot } from './database.ts';
import { documentRange, idKey, idRange, nameInKey, namespaceInKey, recordKey } from './keys.ts';
import { decodeRevision, decodeVector, type DocumentRow, type StoredRevision } from './values.ts';
import { StoreError } from '../errors.ts';
import { fetchRecordsMax, listIdsMax } from '../limits.ts';
import type { DocumentPlace } from '../reports.ts';
import type { ListPage, StoredRecord } from '../types.ts';

/** A document and its row of the ingest ledger. */
export interface DocumentEntry extends DocumentPlace {
  row: DocumentRow;
}

/**
 * The revision in a slot; null when the slot is free.
 *
 * @throws StoreError STORE_DAMAGED
 */
export function readRevision(reader: Pick<DiskReader, 'get'>, slot: number): StoredRevision | null {
  const bytes = reader.get(recordKey(slot));
  return bytes === undefined ? null : decodeRevision(bytes, `the record in slot ${slot}`);
}

/** The vector of the record in a slot; null when the slot is free. @throws StoreError STORE_DAMAGED */
export function readVector(reader: Pick<DiskReader, 'get'>, slot: number): Float32Array | null {
  const bytes = reader.get(recordKey(slot));
  return bytes === undefined ? null : decodeVector(bytes, `the record in slot ${slot}`);
}

/** @throws StoreError STORE_DAMAGED */
export function findRevision(
  reader: DiskReader,
  namespace: string,
  id: string,
): { slot: number; revision: StoredRevision } | null {
  const value = reader.get(idKey(namespace, id));
  if (value === undefined) return null;
  const slot = value.readUInt32BE(0);
  const revision = readRevision(reader, slot);
  if (revision === null || revision.id !== id || revision.namespace !== namespace) {
    throw new StoreError('STORE_DAMAGED', `record '${id}' is not in its slot ${slot}; restore a backup`);
  }
  return { slot, revision };
}

/**
 * Records by id, in the given order. Ids that do not exist are skipped.
 *
 * @throws StoreError RECORD_INVALID, STORE_DAMAGED
 */
export function fetchRecords(reader: DiskReader, namespace: string, ids: readonly string[]): StoredRecord[] {
  if (ids.length > fetchRecordsMax) {
    throw new StoreError('RECORD_INVALID', `${ids.length} ids in one fetch; at most ${fetchRecordsMax}`);
  }
  return ids.flatMap((id) => {
    const found = findRevision(reader, namespace, id);
    return found === null ? [] : [toRecord(found.revision)];
  });
}

/** What an owner sees of a revision: all but what proves it. */
export function toRecord(revision: StoredRevision): StoredRecord {
  const { id, namespace, text, vector, sparse, metadata, source, licence, sell, version } = revision;
  return { id, namespace, text, vector, sparse, metadata, source, licence, sell, version };
}

/**
 * One page of ids in byte order.
 *
 * @throws StoreError RECORD_INVALID
 */
export async function listIds(
  reader: DiskSnapshot,
  { namespace, prefix, limit, after }: { namespace: string; prefix: string; limit: number; after: string | null },
): Promise<ListPage> {
  if (!Number.isInteger(limit) || limit < 1 || limit > listIdsMax) {
    throw new StoreError('RECORD_INVALID', `the limit of a listing is 1 to ${listIdsMax}, not ${limit}`);
  }
  const ids: string[] = [];
  for await (const [key] of reader.scan(idRange(namespace, prefix, after), limit + 1)) ids.push(nameInKey(key));
  const more = ids.length > limit;
  const page = ids.slice(0, limit);
  return { ids: page, next: more ? page.at(-1)! : null };
}

/** One page of the ingested documents, in byte order of namespace and name. `namespace` null: of all namespaces. */
export async function listDocuments(
  reader: DiskReader,
  { namespace, after, limit }: { namespace: string | null; after: DocumentPlace | null; limit: number },
): Promise<DocumentEntry[]> {
  const rows: DocumentEntry[] = [];
  const range = documentRange(namespace, after);
  for await (const [key, value] of reader.scan(range, limit)) {
    rows.push({ namespace: namespaceInKey(key), document: nameInKey(key), row: JSON.parse(value.toString()) as DocumentRow });
  }
  return rows;
}
