import { fromUtf8, sha256, toHex, utf8 } from '@tributary/proof/primitives';
import type { HeldVoucher, Receipt } from '@tributary/schemas';
import type { AnswerJournal } from '@tributary/store';
import { damaged, type LedgerDatabase } from './disk.ts';
import type { ChargeEntry } from './entries.ts';
import { journalKey } from './keys.ts';
import { entryAt } from './read-entries.ts';

/** What is kept of an answered ticket, enough to return the same receipt and the same bytes again. */
export interface JournalRow {
  /** Number of the ledger entry that wrote the row. */
  entry: number;
  index: string;
  requestHash: string;
  offer: string;
  deadline: number;
  /** Exact text of the request. */
  request: string;
  /** What the index needs to build the answer again, without its texts; null when `body` has it. */
  answer: Omit<AnswerJournal, 'request'> | null;
  /** Exact text of the answer if it says `gone`, because no index can build that one again; otherwise null. */
  goneBody: string | null;
  /** Exact text of an answer with vectors, which another processor would not make again to the bit. */
  body?: string;
  receipt: Receipt;
  /** The voucher that came with the ticket. */
  voucher: HeldVoucher;
}

export function encodeRow(row: JournalRow): { bytes: Uint8Array; hash: string } {
  const bytes = utf8(JSON.stringify(row));
  return { bytes, hash: toHex(sha256(bytes)) };
}

/**
 * Reads a row that an entry of the chain vouches for.
 *
 * @returns null when the row is not the one that was written with the entry
 */
export function decodeRow(bytes: Uint8Array, entry: ChargeEntry): JournalRow | null {
  if (toHex(sha256(bytes)) !== entry.journal) return null;
  return JSON.parse(fromUtf8(bytes)) as JournalRow;
}

/**
 * The entry that wrote a row and the end of its ticket, before the row is trusted; null when the bytes are not a row.
 */
export function rowFacts(bytes: Uint8Array): { entry: number; deadline: number } | null {
  try {
    const { entry, deadline } = JSON.parse(fromUtf8(bytes)) as Partial<JournalRow>;
    return typeof entry === 'number' && typeof deadline === 'number' ? { entry, deadline } : null;
  } catch {
    return null;
  }
}

/** The journal row in the form that the store takes. */
export function answerJournalOf({
  answer,
  request,
}: Pick<JournalRow, 'request'> & { answer: NonNullable<JournalRow['answer']> }): AnswerJournal {
  return { ...answer, request: utf8(request) };
}

/**
 * The answer to a ticket, if the chain vouches for it; null when nothing is kept.
 *
 * @throws RelayError LEDGER_DAMAGED
 */
export function readTicketRow(database: LedgerDatabase, channel: string, ticket: string): JournalRow | null {
  const bytes = database.get(journalKey(channel, ticket));
  if (bytes === undefined) return null;
  const facts = rowFacts(bytes);
  const entry = facts === null ? null : entryAt(database, facts.entry);
  const row = entry?.type === 'charge' && entry.channel === channel && entry.ticket === ticket ? decodeRow(bytes, entry) : null;
  if (row === null) throw damaged(`the journal row of ticket ${ticket} differs from what its ledger entry says`);
  return row;
}
