import { ProofError } from '@tributary/proof';
import { signVoucher, ticketHash } from '@tributary/proof/payment';
import { isTributaryError, type ChannelState as ToldState } from '@tributary/schemas';
import { dropChannel, loseChannel, rowsOf, takeState, type Books, type Channel } from './books.ts';
import { newestReceipt, outstanding, receiptsKnown, type OpenTicket } from './channel-state.ts';
import { readChannel } from './fund.ts';
import { askAgainInterruptedMax, ticketKeepMs } from './limits.ts';
import { ticketGone } from './rows.ts';
import type { AskAgain, LostPayment, ProviderLedger } from './wallet.ts';

/**
 * Brings the books of one channel in line with the provider's (docs/spec/payment.md): its signed state is read; if it charged for answers
 * that did not come, the tickets that may still have them are asked again, once; then the state is taken over, or the channel is lost.
 */
export function resync(books: Books, channel: Channel, ledger: ProviderLedger, askAgain: AskAgain): Promise<void> {
  if (channel.resyncing) return channel.resyncing;
  if (!channel.state.inDoubt) return Promise.resolve();
  channel.resyncing = run(books, channel, ledger, askAgain).finally(() => (channel.resyncing = null));
  return channel.resyncing;
}

async function run(books: Books, channel: Channel, ledger: ProviderLedger, askAgain: AskAgain): Promise<void> {
  const { state } = channel;
  state.inDoubt = false; // whoever doubts from here on doubts anew
  const lost = [...state.open.values()].filter((open) => open.lost);
  const newest = newestReceipt(state);
  try {
    const told = await readChannel(books, channel, ledger);
    // Receipts come out of order: one that is missing may lie before the newest.
    if (told.sequence > receiptsKnown(state)) await askLost(askable(books, channel, lost), state.open, askAgain);
    settle(books, channel, told, newest, lost);
  } catch (error) {
    if (isEnd(error)) return loseChannel(books, channel);
    state.inDoubt = true;
    throw error;
  }
}

/** The provider has no such channel, or its word contradicts what it signed before. */
const isEnd = (error: unknown): boolean =>
  (isTributaryError(error) && error.code === 'CHANNEL_UNKNOWN') ||
  (error instanceof ProofError && error.code === 'RECEIPT_CHAIN');

/** Tickets whose answers providers still keep, each with a voucher at the ceiling that was signed already: asking again promises no more. */
function askable(books: Books, { state }: Channel, lost: OpenTicket[]): LostPayment[] {
  return lost.flatMap(({ ticket, origin }) => {
    if (!origin || books.now() >= ticket.deadline + ticketKeepMs) return [];
    const cumulative = String(state.signed);
    const fields = { channel: state.channel, cumulative, ctx: ticketHash(ticket) };
    const voucher = { cumulative, signature: signVoucher(fields, state.network, books.privateKey) };
    const { channel, terms } = state;
    return [{ payment: { channel, terms, ticket, voucher, couldLose: outstanding(state), raised: 0n }, origin }];
  });
}

/**
 * Asks each once more. An answer that does not come costs what the provider's state says; a link that broke says nothing about the
 * answer, so those are asked again at the next try, a bounded number of times.
 *
 * @throws LINK_CLOSED, ASK_TIMEOUT when a ticket may still get its answer
 */
async function askLost(lost: LostPayment[], open: Map<string, OpenTicket>, askAgain: AskAgain): Promise<void> {
  const outcomes = await Promise.allSettled(lost.map((one) => askAgain(one)));
  const retry = outcomes.filter((outcome, at) => {
    const ticket = open.get(lost[at]!.payment.ticket.id);
    if (outcome.status === 'fulfilled' || !isInterrupted(outcome.reason) || !ticket) return false;
    ticket.interrupted = (ticket.interrupted ?? 0) + 1;
    return ticket.interrupted < askAgainInterruptedMax;
  });
  if (retry.length > 0) throw (retry[0] as PromiseRejectedResult).reason;
}

const isInterrupted = (error: unknown): boolean =>
  isTributaryError(error) && (error.code === 'LINK_CLOSED' || error.code === 'ASK_TIMEOUT');

/** Takes the state over and closes the lost tickets: what was charged for them is in it. */
function settle(books: Books, channel: Channel, told: ToldState, newest: number, lost: OpenTicket[]): void {
  const { state, turnstile } = channel;
  if (state.lost) return; // an answer that came meanwhile broke the chain
  takeState(books, channel, told, newest);
  for (const { ticket } of lost) state.open.delete(ticket.id);
  state.deposit = BigInt(told.deposit);
  if (state.asked < state.deposit) state.asked = state.deposit;
  turnstile.turn();
  if (told.closed) return dropChannel(books, channel, told, newest);
  books.writer.writeSoon([...lost.map(({ ticket }) => ticketGone(state.channel, ticket.id)), ...rowsOf(books, channel)]);
}
