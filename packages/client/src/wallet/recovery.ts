import { signVoucher, ticketHash } from '@tributary/proof';
import { atRisk, type ChannelState } from './channel-state.ts';
import type { Books } from './local-wallet.ts';
import type { AskAgain, LostPayment } from './wallet.ts';

/** Recoveries at work, by channel: whoever wants to pay meanwhile waits for the same one. */
export type Recoveries = Map<string, Promise<void>>;

/**
 * Asks every ticket again whose answer was lost, by a crash of this process or a broken link, before more is promised on the channel
 * (docs/spec/payment.md). What stays unsettled stays open and is asked again the next time.
 *
 * @throws whatever `askAgain` throws: then nothing new may be signed for this payee
 */
export function recoverChannel(books: Books, recoveries: Recoveries, state: ChannelState, askAgain: AskAgain): Promise<void> {
  const running = recoveries.get(state.channel);
  if (running) return running;
  const lost = takeLost(books, state);
  if (lost.length === 0) return Promise.resolve();
  const work = Promise.allSettled(lost.map((one) => askAgain(one))).then((outcomes) => {
    for (const { payment } of lost) markLost(state, payment.ticket.id);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  });
  const ended = work.finally(() => recoveries.delete(state.channel));
  recoveries.set(state.channel, ended);
  return ended;
}

/** Nobody waits for the answer to this ticket any more; if it is still open, the next payment on the channel is preceded by asking again. */
export function markLost(state: ChannelState, ticketId: string): void {
  const open = state.open.get(ticketId);
  if (open) open.lost = true;
}

/** Each with a voucher over the same ticket at the ceiling that was signed already: asking again promises nothing more. */
function takeLost(books: Books, state: ChannelState): LostPayment[] {
  const taken: LostPayment[] = [];
  for (const open of state.open.values()) {
    const { ticket, origin, lost } = open;
    if (!lost || !origin) continue;
    open.lost = false;
    const cumulative = String(state.signed);
    const signature = signVoucher(
      { channel: state.channel, cumulative, ctx: ticketHash(ticket) },
      state.network,
      books.privateKey,
    );
    const payment = {
      channel: state.channel,
      terms: state.terms,
      ticket,
      voucher: { cumulative, signature },
      couldLose: atRisk(state),
    };
    taken.push({ payment, origin });
  }
  return taken;
}
