import { damaged, type LedgerDatabase } from './disk.ts';
import { decodeRow, rowFacts, type JournalRow } from './journal.ts';
import { journalKey } from './keys.ts';
import { entryAt } from './replay.ts';

/** What was answered to a ticket, if the chain vouches for it; null when nothing is kept. @throws RelayError LEDGER_DAMAGED */
export function readTicketRow(database: LedgerDatabase, channel: string, ticket: string): JournalRow | null {
  const bytes = database.get(journalKey(channel, ticket));
  if (bytes === undefined) return null;
  const facts = rowFacts(bytes);
  const entry = facts === null ? null : entryAt(database, facts.entry);
  const row = entry?.type === 'charge' && entry.channel === channel && entry.ticket === ticket ? decodeRow(bytes, entry) : null;
  if (row === null) throw damaged(`the journal row of ticket ${ticket} differs from what its ledger entry says`);
  return row;
}
