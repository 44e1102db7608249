import { fromUtf8, responseHash, utf8 } from '@tributary/proof';
import { RelayError } from '../errors.ts';
import { answerJournalOf, type JournalRow } from '../payments/journal.ts';
import type { Admitted, Paid, ServeState, Settled } from './types.ts';

/**
 * The answer to a ticket that was answered before: the same receipt and the same bytes, uncharged. When a record was changed or deleted
 * since, the bytes cannot be made again; then a numbered receipt over an answer that says `gone` is signed, once.
 *
 * @throws RelayError TICKET_CONFLICT when the ticket was for another question
 */
export async function repeat(admitted: Admitted, paid: Paid, row: JournalRow, { dependencies }: ServeState): Promise<Settled> {
  const { served, requestHash, head } = admitted;
  if (row.requestHash !== requestHash) throw new RelayError('TICKET_CONFLICT', 'the ticket was used for another question');
  if (row.goneBody !== null) return { receipt: row.receipt, body: utf8(row.goneBody) };
  const rebuilt = await served.index.rebuild(answerJournalOf(row));
  const hash = responseHash(rebuilt.body);
  if (hash === row.receipt.responseHash) return { receipt: row.receipt, body: rebuilt.body };
  if (rebuilt.status !== 'gone')
    throw new Error(`the answer to ticket ${head.ticketId} was rebuilt with other bytes than were receipted`);
  const receipt = await dependencies.ledger.charge(
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
      answer: row.answer,
      goneBody: fromUtf8(rebuilt.body),
      voucher: paid.voucher,
      exposure: null,
    },
    null,
  );
  return { receipt, body: rebuilt.body };
}
