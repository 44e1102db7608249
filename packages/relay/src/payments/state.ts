import type { Network } from '@tributary/proof';
import type { DiskOperation } from '@tributary/store';
import { createExposureCounts, type ExposureCounts } from '../policy/exposure.ts';
import { bookEntry, createBooks, type Books } from './books.ts';
import type { LedgerDatabase } from './disk.ts';
import { entryHash, writeEntry, zeroHashBytes, type LedgerEntry, type NewEntry } from './entries.ts';
import { entryKey } from './keys.ts';
import { RelayError } from '../errors.ts';

/** Journal rows of entries up to `through` are removed; `floorMs` is the latest deadline of their tickets. */
export interface Pruned {
  through: number;
  floorMs: number;
}

/** What the database says, held in memory; ahead of the disk by the group that is being written. */
export interface LedgerState {
  readonly books: Books;
  readonly tip: { entry: number; hash: Uint8Array };
  readonly pruned: Pruned;
  readonly exposure: ExposureCounts;
}

export function createState(network: Network): LedgerState {
  return {
    books: createBooks(network),
    tip: { entry: 0, hash: zeroHashBytes() },
    pruned: { through: 0, floorMs: 0 },
    exposure: createExposureCounts(),
  };
}

/** One group of changes on its way to the disk. */
export interface Draft {
  readonly state: LedgerState;
  readonly database: LedgerDatabase;
  readonly operations: DiskOperation[];
  /** Hex keys of the rows that this draft puts. */
  readonly put: Set<string>;
  readonly nowMs: number;
}

export function putRow(draft: Draft, key: Buffer, value: Uint8Array): void {
  draft.operations.push({ key, value });
  draft.put.add(key.toString('hex'));
}

/** True when the row is on disk or in this draft. */
export function hasRow(draft: Draft, key: Buffer): boolean {
  return draft.put.has(key.toString('hex')) || draft.database.get(key) !== undefined;
}

/** A row as it will be once the draft is durable. */
export function rowOf({ database, operations, put }: Draft, key: Buffer): Uint8Array | undefined {
  if (!put.has(key.toString('hex'))) return database.get(key);
  return operations.findLast((operation) => operation.key.equals(key))?.value ?? undefined;
}

/**
 * Books an entry at the end of the chain and adds it to the draft.
 *
 * @throws RelayError INTERNAL when the books refuse it; nothing has changed then
 */
export function appendEntry(draft: Draft, fields: NewEntry): LedgerEntry {
  const { books, tip } = draft.state;
  const { entry, body } = writeEntry(tip.entry + 1, fields);
  const refused = bookEntry(books, entry);
  if (refused !== null) throw new RelayError('INTERNAL', `the ledger refused an entry: ${refused}`);
  const hash = entryHash(tip.hash, body);
  putRow(draft, entryKey(entry.entry), Buffer.concat([hash, body]));
  tip.entry = entry.entry;
  tip.hash = hash;
  return entry;
}
