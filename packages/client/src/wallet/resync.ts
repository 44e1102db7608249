import { ProofError } from '@tributary/proof';
import { ERROR_CODES, isTributaryError } from '@tributary/schemas';
import { outstanding, receiptsKnown, waitingTickets, type OpenTicket, type WalletChannel } from './channel.ts';
import { callRead } from './ledger-calls.ts';
import { askAgainInterruptedMax, openTicketsMax, ticketKeepMs, ticketSettledMs } from './limits.ts';
import { keep, type WalletParts } from './parts.ts';
import { ticketGone } from './rows.ts';
import { dropChannel, giveUpAnswer, loseChannel, rowsOf, takeState, type Told } from './state.ts';
import type { Again, AskAgain, LostPayment, ProviderLedger, Wanted } from './wallet.ts';

/** The provider of a channel, and which answers nobody waits for are asked again. */
export interface Repair {
  ledger: ProviderLedger;
  askAgain: AskAgain;
  wanted?: Wanted;
}

/**
 * Brings one channel in line with the provider (docs/spec/payment.md). First the provider's signed state is read. If it
 * charged for answers that did not arrive, the tickets that may still have them are asked again. Then the state is
 * adopted, or the channel is lost.
 */
export async function resync(parts: WalletParts, channel: WalletChannel, repair: Repair): Promise<void> {
  const work = parts.work(channel);
  if (work.resyncing) await work.resyncing;
  // The run before may not have asked for what is wanted now.
  const wanted = repair.wanted !== undefined && waitingTickets(channel).length > 0;
  if (channel.lost || !(channel.inDoubt || wanted)) return;
  work.resyncing ??= run(parts, channel, repair).finally(() => (work.resyncing = null));
  await work.resyncing;
}

async function run(parts: WalletParts, channel: WalletChannel, { ledger, askAgain, wanted }: Repair): Promise<void> {
  channel.inDoubt = false; // doubts from here on count anew
  const waiting = waitingTickets(channel);
  try {
    const told = await callRead(parts, channel, ledger);
    const asked = waiting.filter((one) => isBooked(channel, one) || mayHaveAnswer(parts, channel, told, one) || isWanted(one));
    const outcomes = await askLost(channel, asked, askAgain);
    takeOver(parts, channel, told, { waiting, outcomes });
  } catch (error) {
    if (isEnd(error)) return keep(parts, channel, loseChannel(parts.state, channel, parts.steadyNow()));
    channel.inDoubt = true;
    throw error;
  }

  function isWanted({ origin }: OpenTicket): boolean {
    return wanted?.(origin?.key) === true;
  }
}

const isBooked = ({ undelivered }: WalletChannel, { ticket }: OpenTicket): boolean => undelivered.has(ticket.id);

/**
 * Whether the provider charged for an answer that may be this ticket's. Receipts arrive out of order, so a missing one
 * may be older than the newest. One that was adopted before is asked for by a ticket that was asked again already, or
 * that cannot be charged any more.
 */
function mayHaveAnswer({ now }: WalletParts, channel: WalletChannel, told: Told, one: OpenTicket): boolean {
  if (told.state.sequence > receiptsKnown(channel)) return true;
  return channel.missing.count > 0 && (one.askedAgain === true || now() >= one.ticket.deadline);
}

/** The provider has no such channel, or contradicts what it signed before. */
const isEnd = (error: unknown): boolean =>
  (isTributaryError(error) && error.code === 'CHANNEL_UNKNOWN') ||
  (error instanceof ProofError && error.code === 'RECEIPT_CHAIN');

type Outcomes = ReadonlyMap<OpenTicket, Again>;

/**
 * Asks again once per ticket. An answer that does not come costs what the provider's state says. A broken link says
 * nothing about the answer. So a state is not adopted while tickets that were just lost end in one, a bounded number of
 * times. A fault of this program says nothing about it either.
 *
 * @throws LINK_CLOSED, ASK_TIMEOUT when a ticket may still get its answer; any error that is not a TributaryError
 */
async function askLost(channel: WalletChannel, asked: OpenTicket[], askAgain: AskAgain): Promise<Outcomes> {
  const outcomes = new Map<OpenTicket, Again>();
  let interrupted: unknown = null;
  const askOne = async (one: OpenTicket): Promise<void> => {
    const lost = lostPayment(channel, one);
    one.askedAgain = true;
    try {
      outcomes.set(one, lost === null ? 'over' : await askAgain(lost));
    } catch (error) {
      if (!isTributaryError(error)) interrupted ??= error;
      outcomes.set(one, mayPass(error) ? 'later' : 'over');
      if (!isInterrupted(error) || !channel.open.has(one.ticket.id)) return;
      one.interrupted = (one.interrupted ?? 0) + 1;
      if (one.interrupted < askAgainInterruptedMax) interrupted ??= error;
    }
  };
  await Promise.all(asked.map(askOne));
  if (interrupted !== null) throw interrupted;
  return outcomes;
}

/**
 * A ticket with the voucher that was signed for it: asking signs nothing. Whether its answer is still kept is the
 * provider's to say, because the clock here may be wrong.
 */
function lostPayment(channel: WalletChannel, { ticket, voucher, origin }: OpenTicket): LostPayment | null {
  if (!origin || !voucher) return null;
  const { channel: id, terms } = channel;
  return { payment: { channel: id, terms, ticket, voucher, couldLose: outstanding(channel), raised: 0n }, origin };
}

/** Says nothing about the answer. One that is ahead of this clock is right once the clock is. */
const mayPass = (error: unknown): boolean =>
  isTributaryError(error) && (ERROR_CODES[error.code].retry || error.code === 'CLOCK_FUTURE');

const isInterrupted = (error: unknown): boolean =>
  isTributaryError(error) && (error.code === 'LINK_CLOSED' || error.code === 'ASK_TIMEOUT');

/** Adopts the state, which includes the charges of lost tickets. These take no place any more. */
function takeOver(
  parts: WalletParts,
  channel: WalletChannel,
  told: Told,
  { waiting, outcomes }: { waiting: OpenTicket[]; outcomes: Outcomes },
): void {
  const { state, steadyNow } = parts;
  if (channel.lost) return; // an answer that came meanwhile broke the chain
  takeState(state, channel, told, steadyNow());
  const over = waiting.filter((one) => !setAdrift(parts, channel, one, outcomes.get(one)));
  channel.deposit = BigInt(told.state.deposit);
  if (channel.asked < channel.deposit) channel.asked = channel.deposit;
  const gone = over.map(({ ticket }) => ticketGone(channel.channel, ticket.id));
  keep(parts, channel, [
    ...gone,
    ...(told.state.closed ? dropChannel(state, channel, told, steadyNow()) : rowsOf(state, channel)),
  ]);
}

/** Keeps a ticket that may still get its answer, without a place of its own; false for any other. */
function setAdrift(parts: WalletParts, channel: WalletChannel, one: OpenTicket, outcome: Again | undefined): boolean {
  const { id } = one.ticket;
  const { open, adrift, undelivered, missing } = channel;
  const late = lateMs(parts, one);
  if (undelivered.has(id)) {
    if (outcome !== 'over' && late < ticketKeepMs) return true;
    giveUpAnswer(parts.state, channel, id);
    return false;
  }
  if (!open.delete(id) && !adrift.has(id)) return true; // its answer came
  const charged = missing.count > 0;
  const waits = one.origin !== undefined && outcome !== 'over' && late < (charged ? ticketKeepMs : ticketSettledMs);
  if (!waits || adrift.size >= openTicketsMax) {
    adrift.delete(id);
    return false;
  }
  adrift.set(id, one);
  return true;
}

/**
 * How long a ticket has been over while this wallet was open, in milliseconds. So a process that starts late, or with a
 * wrong clock, has time to ask.
 */
const lateMs = ({ elapsedMs, openedAt }: WalletParts, { overAt = openedAt }: OpenTicket): number => elapsedMs() - overAt;
