import { fromUtf8, utf8 } from '@tributary/proof/primitives';
import { responseHash } from '@tributary/proof/statements';
import { RelayError } from '../errors.ts';
import { answerJournalOf, type JournalRow } from '../ledger/journal.ts';
import { ticketRepeatsMax } from './limits.ts';
import { Refused, type Asked, type Paid, type ServeState, type Settled } from './types.ts';

/**
 * The earlier answer to this ticket: the same receipt and bytes, uncharged; null for a new ticket. The present policy
 * and prices do not matter, because this answer was paid for.
 *
 * @throws the earlier refusal of this ticket; RelayError TICKET_CONFLICT when the ticket was for another question;
 *   TICKET_OVER when its result is no longer known, or when its answer cannot be given again
 */
export async function repeat(received: Asked, paid: Paid, state: ServeState): Promise<Settled | null> {
  const { ledger } = state.dependencies;
  const { head, requestHash } = received;
  const row = await ledger.ticket(paid.channel.id, head.ticketId);
  if (row === null) {
    // A row is removed only after its ticket's deadline, and the latest removed deadline is remembered.
    if (head.deadline <= ledger.ticketFloorMs) {
      throw new RelayError(
        'TICKET_OVER',
        'the ticket and the time for which its answer was kept are over; whether it was charged is no longer known',
      );
    }
    const refusal = state.tickets.refusal(paid, head.ticketId);
    if (refusal !== undefined) throw new Refused(refusal.code, refusal.message, refusal.retryAfterMs);
    return null;
  }
  if (row.requestHash !== requestHash) throw new RelayError('TICKET_CONFLICT', 'the ticket was used for another question');
  countRepeat(`${paid.channel.id} ${head.ticketId}`, row, state);
  const kept = row.goneBody ?? row.body ?? null;
  if (kept !== null) return { receipt: row.receipt, body: utf8(kept), records: [], shown: 0, again: true };
  const { answer } = row;
  if (answer === null) throw new Error(`the journal row of ticket ${head.ticketId} has no answer`);
  return rebuild(received, paid, { ...row, answer }, state);
}

/**
 * Builds the bytes again. That is impossible when a record was changed or deleted since. Then a receipt with the next
 * number is signed, once, over an answer that says `gone`.
 */
async function rebuild(
  { head, requestHash, context }: Asked,
  paid: Paid,
  row: JournalRow & { answer: NonNullable<JournalRow['answer']> },
  state: ServeState,
): Promise<Settled> {
  const { indexes, ledger, now } = state.dependencies;
  const served = indexes.find(row.index);
  if (served === null) {
    throw new RelayError('TICKET_OVER', `${charged(row)}, but its index is no longer here and the answer cannot be made again`);
  }
  const rebuilt = await state.queue.run({ rank: 'paid', peer: context.peer }, () => served.index.rebuild(answerJournalOf(row)));
  const hash = responseHash(rebuilt.body);
  if (hash === row.receipt.responseHash)
    return { receipt: row.receipt, body: rebuilt.body, records: rebuilt.records, shown: 0, again: true };
  if (rebuilt.status !== 'gone')
    throw new Error(`the answer to ticket ${head.ticketId} was rebuilt with other bytes than were receipted`);
  if (paid.channel.closed || paid.channel.terms.payee !== ledger.payee) {
    throw new RelayError('TICKET_OVER', `${charged(row)}; its records are gone, and its channel accepts no more entries`);
  }
  const receipt = await ledger.settle(
    {
      channel: paid.channel.id,
      ticket: head.ticketId,
      deadline: head.deadline,
      offerHash: row.offer,
      requestHash,
      responseHash: hash,
      manifestHash: rebuilt.manifest,
      snapshot: rebuilt.snapshot,
      status: 'gone',
      charge: 0n,
      index: row.index,
      request: row.request,
      servedAt: now(),
      answer: row.answer,
      goneBody: fromUtf8(rebuilt.body),
      voucher: paid.voucher,
      exposure: null,
    },
    null,
  );
  return { receipt, body: rebuilt.body, records: rebuilt.records, shown: 0, again: true };
}

/** Building an answer again is unpaid work, so the number of times per ticket is limited. */
function countRepeat(ticket: string, row: JournalRow, { repeats }: ServeState): void {
  const before = repeats.get(ticket) ?? 0;
  if (before >= ticketRepeatsMax) {
    throw new RelayError('TICKET_OVER', `${charged(row)} and given again ${ticketRepeatsMax} times, which is the maximum`);
  }
  repeats.set(ticket, before + 1);
}

const charged = ({ receipt }: JournalRow): string =>
  `the ticket was answered (receipt ${receipt.sequence}, charge ${receipt.charge})`;
