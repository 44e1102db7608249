import type { Receipt } from '@tributary/schemas';
import { expect, it } from 'vitest';
import { ClientError } from '../errors.ts';
import { systemClock } from '../clock.ts';
import type { AskReply, Link } from '../link/types.ts';
import type { Payment } from '../wallet/wallet.ts';
import { ask } from './ask.ts';
import type { Prepared, QueryContext } from './types.ts';

const receipt = { channel: 'c' } as Receipt;
const answer: AskReply = { kind: 'answer', receipt, body: new Uint8Array(), records: [] };
const refusal = (code: 'RATE_LIMITED' | 'LEDGER_WRITE'): AskReply => ({
  kind: 'refusal',
  code,
  peerCode: code,
  message: 'no',
  retryAfterMs: null,
});
const payment = { ticket: { id: 'ticket-1' }, voucher: {} } as Payment;

/** A link that replies from a list. An error in it breaks the link. */
function play(replies: (AskReply | Error)[]) {
  const tickets: string[] = [];
  const released: Payment[] = [];
  const link = {
    ask: async (head: { ticketId: string }) => {
      tickets.push(head.ticketId);
      const reply = replies.shift()!;
      if (reply instanceof Error) throw reply;
      return reply;
    },
  } as unknown as Link;
  const context = {
    now: () => 0,
    clock: systemClock,
    wallet: { release: async (given: Payment) => void released.push(given) },
  } as unknown as QueryContext;
  const prepared = { known: { offerHash: 'o' }, nonce: 'n', body: new Uint8Array(), deadline: 10_000 } as unknown as Prepared;
  return { run: () => ask(prepared, payment, async () => link, context), tickets, released };
}

it.each([
  ['the link broke', new ClientError('LINK_CLOSED', 'gone')],
  ['the provider does not know whether it booked the charge', refusal('LEDGER_WRITE')],
])('asks again with the same ticket when %s, so that nobody pays twice', async (_, lost) => {
  const { run, tickets, released } = play([lost, answer]);
  expect(await run()).toMatchObject({ receipt, payment });
  expect(tickets).toEqual(['ticket-1', 'ticket-1']);
  expect(released).toEqual([]);
});

it('releases the ticket when it is refused, because refusals cost nothing', async () => {
  const { run, released } = play([refusal('RATE_LIMITED')]);
  await expect(run()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(released).toEqual([payment]);
});

it('keeps the ticket open when the outcome stays unknown, and gives up after three tries', async () => {
  const { run, tickets, released } = play([refusal('LEDGER_WRITE'), refusal('LEDGER_WRITE'), refusal('LEDGER_WRITE'), answer]);
  await expect(run()).rejects.toMatchObject({ code: 'LEDGER_WRITE' });
  expect(tickets).toHaveLength(3);
  expect(released).toEqual([]);
});
