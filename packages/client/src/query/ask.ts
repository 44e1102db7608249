import { toBase64url } from '@tributary/proof/primitives';
import { isTributaryError, type AskHead, type ErrorCode } from '@tributary/schemas';
import { RefusalError } from '../link/refusal.ts';
import type { Link } from '../link/types.ts';
import type { Payment } from '../wallet/wallet.ts';
import { askPauseMs, askTriesMax } from './limits.ts';
import type { Answered, Order, QueryContext } from './types.ts';

/**
 * Sends the question with its payment. If the answer is lost, it asks again with the same ticket; the provider returns
 * the same bytes and charges once. A refusal releases the ticket, unless the provider does not know whether it has
 * charged.
 *
 * @throws TributaryError with the provider's refusal code, LINK_CLOSED, ASK_TIMEOUT
 */
export async function ask(
  prepared: Order,
  payment: Payment | null,
  connect: () => Promise<Link>,
  context: QueryContext,
  signal?: AbortSignal,
): Promise<Answered> {
  const head = askHeadOf(prepared, payment, context);
  for (let tries = 1; ; tries++) {
    const timeoutMs = Math.max(1, prepared.deadline - context.now());
    try {
      const link = await connect();
      const reply = await link.ask(head, prepared.body, { timeoutMs, ...(signal ? { signal } : {}) });
      if (reply.kind === 'answer') return { receipt: reply.receipt, body: reply.body, records: reply.records, payment };
      if (payment && costsNothing(reply.code, tries)) await context.wallet?.release(payment);
      throw new RefusalError(reply);
    } catch (error) {
      if (!isUnknown(error) || tries >= askTriesMax || context.now() >= prepared.deadline || signal?.aborted) throw error;
      await new Promise<void>((resolve) => context.clock.after(askPauseMs, resolve));
    }
  }
}

/** The head of an ask: everything except the bytes of its question. */
export function askHeadOf(prepared: Order, payment: Payment | null, context: QueryContext): AskHead {
  return {
    nonce: prepared.nonce,
    offer: prepared.known.offerHash,
    ticketId: payment?.ticket.id ?? toBase64url(context.randomBytes(16)),
    deadline: prepared.deadline,
    payment: payment ? { ticket: payment.ticket, voucher: payment.voucher } : null,
  };
}

/**
 * Whether a refusal proves that nothing was charged. It says so for this attempt. An earlier attempt, whose answer was
 * lost, is settled only by the deadline, because the provider looks the ticket up before it looks at the clock.
 */
function costsNothing(code: ErrorCode, tries: number): boolean {
  return code === 'DEADLINE' || (tries === 1 && !UNSURE.has(code));
}

/** Codes with which a provider does not say whether its write took effect. */
const UNSURE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['LEDGER_WRITE', 'LEDGER_DAMAGED', 'TICKET_OVER']);

/**
 * The link broke before the answer came, or the provider could not say whether its write took effect. The charge may be
 * booked, so the ticket stays open and only the same ticket may be tried.
 */
function isUnknown(error: unknown): boolean {
  return isTributaryError(error) && (error.code === 'LINK_CLOSED' || error.code === 'LEDGER_WRITE');
}
