import { u32 } from '@tributary/proof/primitives';
import type { DiskOperation } from '@tributary/store';
import type { SeenRecords } from './exposure.ts';
import { bookEntry, type Balances } from './balances.ts';
import type { LedgerDatabase } from './disk.ts';
import { entryHash, writeEntry, type LedgerEntry, type NewEntry } from './entries.ts';
import { entryKey, exposureCountKey, exposureKey } from './keys.ts';
import { RelayError } from '../errors.ts';

/** Journal rows of entries up to `through` are removed; `floorMs` is the latest deadline of their tickets. */
export interface Pruned {
  through: number;
  floorMs: number;
  /** Until when the row of the entry after them is kept, once that entry was read. Not stored. */
  nextMs?: number;
}

/** The content of the database in memory, ahead of the disk by the group that is being written. */
export interface LedgerState {
  readonly balances: Balances;
  readonly tip: { entry: number; hash: Uint8Array };
  readonly pruned: Pruned;
}

/** One group of changes on its way to the disk. */
export interface Draft {
  readonly state: LedgerState;
  readonly database: LedgerDatabase;
  readonly operations: DiskOperation[];
  /** Rows that this draft writes, by hex key. */
  readonly put: Map<string, Uint8Array>;
  readonly nowMs: number;
  /** The time by which answers end. */
  readonly steadyMs: number;
}

export function putRow(draft: Draft, key: Buffer, value: Uint8Array): void {
  draft.operations.push({ key, value });
  draft.put.set(key.toString('hex'), value);
}

/** True when the row is on disk or in this draft. */
export function hasRow(draft: Draft, key: Buffer): boolean {
  return draft.put.has(key.toString('hex')) || draft.database.get(key) !== undefined;
}

/** The row as it will be once the draft is durable. */
export function rowOf({ database, put }: Draft, key: Buffer): Uint8Array | undefined {
  return put.get(key.toString('hex')) ?? database.get(key);
}

/** Seen records, including those of the draft. */
export function seenIn(draft: Draft): SeenRecords {
  return {
    has: ({ group, record }) => hasRow(draft, exposureKey(group, record)),
    count: (group) => countIn(rowOf(draft, exposureCountKey(group))),
  };
}

/** The number in a row of counts; 0 when there is no row. */
export const countIn = (bytes: Uint8Array | undefined): number =>
  bytes === undefined ? 0 : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUInt32BE(0);

export function putCount(draft: Draft, group: Uint8Array, count: number): void {
  putRow(draft, exposureCountKey(group), u32(count));
}

/**
 * Books an entry at the end of the chain and adds it to the draft.
 *
 * @throws RelayError INTERNAL when the balances refuse it; then nothing has changed
 */
export function appendEntry(draft: Draft, fields: NewEntry): LedgerEntry {
  const { balances, tip } = draft.state;
  const { entry, body } = writeEntry(tip.entry + 1, fields);
  const refused = bookEntry(balances, entry);
  if (refused !== null) throw new RelayError('INTERNAL', `the ledger refused an entry: ${refused}`);
  const hash = entryHash(tip.hash, body);
  putRow(draft, entryKey(entry.entry), Buffer.concat([hash, body]));
  tip.entry = entry.entry;
  tip.hash = hash;
  return entry;
}
