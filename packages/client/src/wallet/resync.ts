import { ProofError } from '@tributary/proof';
import { isTributaryError } from '@tributary/schemas';
import { outstanding, receiptsKnown, type OpenTicket, type WalletChannel } from './channel.ts';
import { callRead } from './ledger-calls.ts';
import { askAgainInterruptedMax, ticketKeepMs } from './limits.ts';
import { keep, type WalletParts } from './parts.ts';
import { ticketGone } from './rows.ts';
import { dropChannel, loseChannel, rowsOf, takeState, type Told } from './state.ts';
import type { AskAgain, LostPayment, ProviderLedger } from './wallet.ts';

/**
 * Brings one channel in line with the provider (docs/spec/payment.md). First the provider's signed state is read. If it
 * charged for answers that did not arrive, the tickets that may still have them are asked again, once. Then the state
 * is adopted, or the channel is lost.
 */
export function resync(parts: WalletParts, channel: WalletChannel, ledger: ProviderLedger, askAgain: AskAgain): Promise<void> {
  const work = parts.work(channel);
  if (work.resyncing) return work.resyncing;
  if (!channel.inDoubt) return Promise.resolve();
  work.resyncing = run(parts, channel, ledger, askAgain).finally(() => (work.resyncing = null));
  return work.resyncing;
}

async function run(parts: WalletParts, channel: WalletChannel, ledger: ProviderLedger, askAgain: AskAgain): Promise<void> {
  channel.inDoubt = false; // doubts from here on count anew
  const lost = [...channel.open.values()].filter((open) => open.lost);
  try {
    const told = await callRead(parts, channel, ledger);
    // Receipts arrive out of order, so a missing one may be older than the newest.
    if (told.state.sequence > receiptsKnown(channel)) await askLost(askable(parts, channel, lost), channel.open, askAgain);
    takeOver(parts, channel, told, lost);
  } catch (error) {
    if (isEnd(error)) return keep(parts, channel, loseChannel(parts.state, channel, parts.now()));
    channel.inDoubt = true;
    throw error;
  }
}

/** The provider has no such channel, or contradicts what it signed before. */
const isEnd = (error: unknown): boolean =>
  (isTributaryError(error) && error.code === 'CHANNEL_UNKNOWN') ||
  (error instanceof ProofError && error.code === 'RECEIPT_CHAIN');

/**
 * Tickets whose answers providers still keep, each with a voucher at the ceiling that was already signed, so asking
 * again promises no more.
 */
function askable({ signer, now }: WalletParts, channel: WalletChannel, lost: OpenTicket[]): LostPayment[] {
  return lost.flatMap(({ ticket, origin }) => {
    if (!origin || now() >= ticket.deadline + ticketKeepMs) return [];
    const { cumulative, signature } = signer.voucher(channel, ticket, String(channel.signed));
    const voucher = { cumulative, signature };
    const { channel: id, terms } = channel;
    return [{ payment: { channel: id, terms, ticket, voucher, couldLose: outstanding(channel), raised: 0n }, origin }];
  });
}

/**
 * Asks again once per ticket. An answer that does not come costs what the provider's state says. A broken link says
 * nothing about the answer, so such tickets are asked again at the next attempt, a bounded number of times.
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

/** Adopts the state and closes the lost tickets, because it includes their charges. */
function takeOver(parts: WalletParts, channel: WalletChannel, told: Told, lost: OpenTicket[]): void {
  const { state, now } = parts;
  if (channel.lost) return; // an answer that came meanwhile broke the chain
  takeState(state, channel, told, now());
  for (const { ticket } of lost) channel.open.delete(ticket.id);
  channel.deposit = BigInt(told.state.deposit);
  if (channel.asked < channel.deposit) channel.asked = channel.deposit;
  const gone = lost.map(({ ticket }) => ticketGone(channel.channel, ticket.id));
  keep(parts, channel, [...gone, ...(told.state.closed ? dropChannel(state, channel, told, now()) : rowsOf(state, channel))]);
}
